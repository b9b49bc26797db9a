// What the page says when something is not as it should be: a machine that refuses, clocks that
// differ, a gateway that sends without end, a call that fails.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import assert from 'node:assert/strict';
import { airlock, approve, ask, begin, canary, cardFor, clean, drive, eventually, isRipe, launch, listed, ok, pair,
  ripe, shoot, start, toEnd, troubles } from './scene.mjs';

const browser = await launch();

async function steps() {
  const [page] = browser.pages();
  await begin();
  await page.goto((await airlock('approver', 'web')).split('\n')[0]);
  await page.getByRole('heading', { name: 'Pair with a machine' }).waitFor();
  await page.clock.install();

  await refused(page);
  await ended(page);
  await refusedAnew(page);
  await unsaid(page);
  await clocks(page);
  await endless(page);
  await renewed(page);

  const noise = /401|403|404|409|net::ERR|Failed to load resource/;
  assert.deepEqual(troubles.filter((trouble) => !noise.test(trouble)), []);
  ok('nothing went wrong unseen when something was doubtful');
}

const offered = (page) => eventually('a command to pair', async () => {
  const text = await page.locator('.command-line').textContent();
  return text.startsWith('airlock-exec pair') && text;
});

/** Has the machine expect another key than that of this browser. */
async function refuse(page) {
  const command = await offered(page);
  const words = command.split(' ').slice(1);
  words[words.indexOf('--fingerprint') + 1] = '1F:2E:3D:4C:5B:6A:79:88';
  assert.equal((await start(...words).end).status, 123);
}

/** The machine compares, and has the last word. */
async function refused(page) {
  await refuse(page);
  await page.getByText('refused the pairing. Its commands do not come here').waitFor();
  await page.getByRole('heading', { name: 'Not paired yet' }).waitFor();
  await shoot(page, 'refused');
  await clean(page, 'a machine that refused');
  await page.getByRole('button', { name: 'This browser' }).click();
  await page.getByText('No machine yet.').waitFor();
  ok('a pairing that the machine refuses is none, and the page says so');
}

async function pairAnew(page) {
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await pair(page);
  await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
  await page.locator('.banner').waitFor({ state: 'hidden' });
}

async function ended(page) {
  await pairAnew(page);
  await airlock('pairings', 'revoke', 'browser');
  await page.getByText('ended the pairing. Its commands do not come here').waitFor();
  await pairAnew(page);
  ok('a pairing that the machine ended is none, and the page says so');
}

/** What a refused pairing was to replace goes on, with what waits in it. */
async function refusedAnew(page) {
  const [before, after] = [canary(), canary()];
  const waiting = ask('touch', before);
  await cardFor(page, before).waitFor();
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await refuse(page);
  await page.getByText('refused the pairing: the one before goes on').waitFor();
  await clean(page, 'a machine that refused a new pairing');
  const decide = async (file, asked) => {
    await cardFor(page, file).waitFor();
    await toEnd(page);
    await ripe(page);
    await approve(page).click();
    assert.equal((await asked.end).status, 0);
    assert.ok(existsSync(file));
  };
  await decide(before, waiting);
  await decide(after, ask('touch', after));
  // The next that is kept ends it.
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await pair(page);
  const last = canary();
  const asked = ask('touch', last);
  await page.locator('.banner').waitFor({ state: 'hidden' });
  await decide(last, asked);
  await page.getByRole('button', { name: 'This browser' }).click();
  await page.getByRole('listitem').filter({ hasText: 'since' }).waitFor();
  await page.getByRole('button', { name: 'Waiting' }).click();
  ok('a pairing that the machine refuses leaves the one before, and the page says so');
}

/** Until the machine has said what it makes of the pairing, the page says that it has not. */
async function unsaid(page) {
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  const command = await offered(page);
  // Somebody at its terminal is asked to compare, and takes the time for that.
  const words = command.replace(/ --fingerprint \S+/, '').replace('airlock-exec', process.env.AIRLOCK_BINARY);
  const machine = spawn('script', ['-qec', words, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let shown = '';
  machine.stdout.on('data', (data) => { shown += data; });
  await eventually('the machine to ask', () => shown.includes('[y/N]'));
  await page.getByText('has not said yet whether it keeps the pairing').waitFor();
  await clean(page, 'a machine that has not said anything yet');
  machine.stdin.write('y\n');
  await page.locator('.banner').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await page.getByText('it keeps the pairing').waitFor();
  await page.getByRole('button', { name: 'Waiting' }).click();
  ok('the page says when a machine has not said yet that it keeps the pairing');
}

/** A clock here that is ahead of the gateway's. */
async function clocks(page) {
  await page.clock.setSystemTime(Date.now() + 3_600_000);
  await page.reload();
  await page.getByText(/^The clock of this device is (1 h|59 min).* ahead of the gateway/).waitFor();
  const file = canary();
  const asked = ask('touch', file);
  await cardFor(page, file).waitFor();
  await page.getByText('can only be rejected here: set the clock').waitFor();
  await toEnd(page);
  await page.getByText('Over by the clock of this device').waitFor();
  await shoot(page, 'clock');
  await clean(page, 'a clock that is ahead');
  await new Promise((resolve) => { setTimeout(resolve, 900); });
  assert.ok(!(await isRipe(page)));
  await approve(page).click({ force: true });
  assert.equal((await listed()).length, 1, 'it was decided');
  assert.ok(!existsSync(file));
  await page.getByRole('button', { name: 'Reject', exact: true }).first().click();
  await page.getByRole('button', { name: 'Not now' }).click();
  assert.equal((await asked.end).status, 120);
  ok('a clock that is ahead hides nothing, and what is over by it can only be rejected');

  const other = canary();
  const again = ask('touch', other);
  await cardFor(page, other).waitFor();
  await page.clock.setSystemTime(Date.now());
  await toEnd(page);
  await ripe(page);
  await approve(page).click();
  assert.equal((await again.end).status, 0);
  await page.reload();
  await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
  await page.locator('.banner').waitFor({ state: 'hidden' });
  ok('once the clock is set it is approved as ever');
}

/** A gateway that sends more than a browser should keep. */
async function endless(page) {
  const connected = () => page.getByText('connected', { exact: true }).waitFor();
  const much = 'x'.repeat(9 << 20);
  await page.route('**/inbox?*', (route) => route.fulfill({
    contentType: 'application/json', body: JSON.stringify({ body: { items: [], much } }) }));
  await page.reload();
  await page.getByText('the gateway sent an answer of more than 8 MiB').waitFor();
  await page.unroute('**/inbox?*');
  await connected();
  await page.route('**/v1/sse/**', (route) => route.fulfill({
    contentType: 'text/event-stream', body: `event: approval.request\ndata: ${much}` }));
  await page.reload();
  await page.getByText('the gateway sent an event of more than 4 MiB').waitFor();
  await page.unroute('**/v1/sse/**');
  await connected();
  ok('what has no end is not read to its end, and the page says so');
}

/** To watch a command is asked for again and again; one call that fails changes nothing. */
async function renewed(page) {
  const orders = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/controls')) orders.push(request);
  });
  const more = async (than) => eventually('another order', () => orders.length > than);
  const running = start('--pty=always', '--', 'sh', '-c', 'echo tick-tock; sleep 600');
  await cardFor(page, 'tick-tock').waitFor();
  await toEnd(page);
  await ripe(page);
  await approve(page).click();
  const line = page.locator('.recent li', { hasText: 'tick-tock' }).first();
  await line.getByText('running', { exact: true }).waitFor();
  await line.getByRole('button', { name: 'Watch' }).click();
  await more(0);
  await page.route('**/controls', (route) => route.abort(), { times: 1 });
  for (let time = 0; time < 2; time += 1) {
    const before = orders.length;
    await page.clock.fastForward(21_000);
    await more(before);
  }
  await eventually('the second to arrive', async () => (await orders.at(-1).response())?.ok());
  ok('a renewal that fails is not the last');
  await line.getByRole('button', { name: 'Stop it' }).click();
  await line.getByText('killed by signal 15 after').waitFor();
  assert.notEqual((await running.end).status, 0);
}

await drive(browser, steps);
