// Drives Chromium through the page at several gateways behind a balancer, and ends the nodes
// one after the other while a command waits.
//
// tests/page_balanced.rs starts it, and a node that was killed once `node-again` is there.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { approve, ask, canary, cardFor, drive, eventually, launch, ok, pair, ripe, toEnd,
  troubles } from './scene.mjs';

const { AIRLOCK_PAGE: address, AIRLOCK_NODES: told, AIRLOCK_WORK: work } = process.env;
const nodes = told.split(',').map((each) => {
  const [url, pid] = each.split(' ');
  return { url, pid: Number(pid) };
});
const { hostname, origin } = new URL(address);

const browser = await launch([`--host-resolver-rules=MAP ${hostname} 127.0.0.1`],
  { ignoreHTTPSErrors: true });

/** A command that says each time that it ran. */
const counted = (file) => ask('sh', '-c', `echo ran >> ${file}`);

/** What a node says of itself, to us who are on its machine; null when it is away. */
async function metrics(node) {
  const answer = await fetch(`${node.url}/metrics`).catch(() => null);
  return answer && answer.text();
}

async function number(node, line) {
  const found = (await metrics(node))?.match(new RegExp(`^airlock_gateway_${line} (\\d+)$`, 'm'));
  return found ? Number(found[1]) : 0;
}

const waitsAt = (node) => number(node, 'open_waits');

/** How many streams a node that still runs gave to the page. */
const streamsOf = (node) => number(node, 'answers_total\\{route="/v1/sse/[^\n]*",status="200"\\}');

/** The node that has the page's stream, and the other one. */
async function byStream() {
  return eventually('a stream', async () => {
    const streams = await Promise.all(nodes.map(streamsOf));
    return { '1,0': nodes, '0,1': nodes.toReversed() }[streams.join()];
  });
}

/** A call by way of the balancer, after which another node has its turn. */
const call = (page) => page.evaluate(() => fetch('/echo').then(({ ok: good }) => good));

/** Asks again and again until a command waits at each node, and returns all of them. */
async function waitingAtEach(page) {
  const asked = [];
  for (let waits = [0]; waits.includes(0);) {
    assert.ok(asked.length < 5, 'the balancer sends every wait to the same node');
    const file = canary();
    asked.push({ file, ...counted(file) });
    // What was seen of one is told to whoever waits, which asks again.
    await page.getByRole('button', { name: `Waiting (${asked.length})` }).waitFor();
    waits = await eventually('a wait', async () => {
      const found = await Promise.all(nodes.map(waitsAt));
      return found.reduce((sum, each) => sum + each, 0) === asked.length && found;
    });
    await call(page);
  }
  return asked;
}

/** Waits until the page has a stream at that node, which had none before. */
async function goesOn(page, node) {
  await eventually('the page at the other node', async () => (await streamsOf(node)) > 0);
  await page.locator('#link.on').waitFor();
}

/** Approves the card of that command, of which there must be one. */
async function approved(page, { file, end }) {
  const line = page.locator('.queue .line', { hasText: file });
  assert.ok(await line.count() <= 1, 'it is in the list twice');
  if (await line.count() === 1) await line.click();
  await cardFor(page, file).waitFor();
  assert.equal(await page.locator('.place .card').count(), 1, 'it has one card');
  assert.ok(!existsSync(file), 'it ran before anybody approved');
  await toEnd(page);
  await ripe(page);
  await approve(page).click();
  const done = await end;
  assert.equal(done.status, 0, done.said);
  assert.equal(readFileSync(file, 'utf8'), 'ran\n', 'it runs once');
}

/** What the page says was decided: each once. */
async function isSettled(page, asked) {
  for (const { file } of asked) {
    const lines = page.locator('.recent li', { hasText: file });
    await lines.first().waitFor();
    assert.equal(await lines.count(), 1, `${file} was decided once`);
  }
}

async function steps() {
  const [page] = browser.pages();
  await page.goto(address);
  await pair(page);
  await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
  ok('a browser is let in and pairs by way of the balancer');

  const first = { file: canary() };
  Object.assign(first, counted(first.file));
  await approved(page, first);
  ok('a command is approved by way of the balancer, and runs once');
  for (const node of nodes) {
    const text = await metrics(node);
    assert.match(text, /^airlock_gateway_answers_total\{route="\/v1\/[^\n]*status="20\d"/m);
  }
  ok('each node had its part');
  const status = await page.evaluate(() => fetch('/metrics').then((answer) => answer.status));
  assert.equal(status, 401);
  ok('the balancer hands out no metrics');

  const [holder, other] = await byStream();
  const asked = await waitingAtEach(page);
  process.kill(holder.pid, 'SIGKILL');
  await goesOn(page, other);
  await page.getByRole('button', { name: `Waiting (${asked.length})` }).waitFor();
  ok('the node of the stream is killed, and the page goes on through the other');
  await eventually('every wait at the other', async () => await waitsAt(other) === asked.length);
  for (const each of asked) await approved(page, each);
  await isSettled(page, asked);
  ok('what waited still waits, is one card, is approved, and runs once');
  const late = { file: canary() };
  Object.assign(late, counted(late.file));
  await approved(page, late);
  ok('a command that is asked while a node is away is approved');

  writeFileSync(join(work, 'node-again'), '');
  await eventually('the balancer to use it again', async () => {
    await call(page);
    return /route="\/echo"/.test(await metrics(holder));
  });
  const again = await waitingAtEach(page);
  const [ending, staying] = await byStream();
  assert.equal(ending, other, 'the stream stayed where it was');
  process.kill(ending.pid, 'SIGTERM');
  await goesOn(page, staying);
  ok('the other node is stopped in order, and the page goes on through the one that came back');
  await eventually('every wait there', async () => await waitsAt(staying) === again.length);
  for (const each of again) await approved(page, each);
  await isSettled(page, again);
  ok('what waited at both is approved, and runs once');

  const noise = /net::ERR|Failed to load resource|502|503|401/;
  assert.deepEqual(troubles.filter((trouble) => !noise.test(trouble)), []);
  assert.ok(page.url().startsWith(origin));
  ok('nothing went wrong unseen');
}

await drive(browser, steps);
