// A browser with the page, and commands that wait: what the drivers have in common.
//
// tests/page/driver.rs starts a driver in a sandbox of its own. Each step that held prints
// `ok NAME`.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import assert from 'node:assert/strict';

const require = createRequire(join(process.cwd(), 'package.json'));
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const { chromium } = require('playwright-core');

const { AIRLOCK_BINARY: binary, AIRLOCK_WORK: work, AIRLOCK_SHOTS: shots } = process.env;
const DEADLINE = 20_000;
export const ok = (name) => console.log(`ok ${name}`);

/** Starts airlock-exec; the page goes on meanwhile. */
export const start = (...words) => startWith('', ...words);

/** Starts airlock-exec, which reads that. */
export const startWith = (input, ...words) => startIn({}, input, ...words);

function startIn(variables, input, ...words) {
  const env = { ...process.env, ...variables };
  const child = spawn(binary, words, { cwd: work, env, stdio: [input === '' ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  child.stdin?.end(input);
  const told = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (data) => { told[name] += data; });
  const end = new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, said: told.stdout + told.stderr, ...told }));
  });
  return { end, told };
}

/** Runs it to its end, which must be a good one. */
export async function airlock(...words) {
  const done = await start(...words).end;
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.said}`);
  return done.stdout;
}

/** Starts a command that waits for a decision. */
export const ask = (...words) => start('--', ...words);
export const askOf = (session, ...words) => startIn({ AIRLOCK_EXEC_SESSION: session }, '', '--', ...words);

/** What waits, as the approver of this machine sees it. */
export const listed = async () => JSON.parse(await airlock('approver', 'list', '--json'));

let canaries = 0;
/** Has a first command approved: that pairs the approver of this machine. */
export async function begin() {
  const first = ask('true');
  await eventually('a request', async () => (await listed()).length > 0);
  const [waiting] = await listed();
  await airlock('approver', 'approve', waiting.requestId);
  assert.equal((await first.end).status, 0);
}

export const canary = () => join(work, `canary-${canaries += 1}`);

export async function eventually(what, check) {
  const late = Date.now() + DEADLINE;
  for (;;) {
    const found = await check();
    if (found) return found;
    assert.ok(Date.now() < late, `waited in vain for ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

const HEADLESS = { executablePath: '/usr/bin/chromium', headless: true };

/** Starts another browser, which shares nothing with the first. */
export const stranger = () => chromium.launch({ ...HEADLESS, args: ['--no-sandbox'] });

/** What the page asked for, and what went wrong in it. */
export const requests = [];
export const troubles = [];
function watch(page) {
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => troubles.push(`${error}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
  });
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
}

/** Starts the browser; `more` are arguments of its own. */
export async function launch(more = [], options = {}) {
  const place = mkdtempSync(join(process.env.TMPDIR, 'chromium-'));
  const browser = await chromium.launchPersistentContext(place, {
    ...HEADLESS,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', ...more],
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  browser.setDefaultTimeout(DEADLINE);
  browser.on('page', watch);
  browser.pages().forEach(watch);
  return browser;
}

export const approve = (page) => page.locator('.place .buttons .approve');
export const isRipe = (page) => approve(page).getAttribute('aria-disabled').then((value) => value === 'false');
export const ripe = (page) => eventually('approval to be possible', () => isRipe(page));
export const toEnd = (page) => page.locator('.place .end')
  .evaluate((end) => end.scrollIntoView({ block: 'center' }));
export const cardFor = (page, text) => page.locator('.place .card', { hasText: text });

/** Has the page's time stand still from here; it passes by `page.clock.runFor` alone. */
export async function holdTime(page) {
  await page.clock.pauseAt(await page.evaluate(() => Date.now()) + 5000);
}

/** Lets the page's time go on, as late as it is here. */
export async function releaseTime(page) {
  await page.clock.resume();
  await page.clock.setSystemTime(Date.now());
}

/** The wait until approval is possible begins in this moment, in which time stands still. */
export async function waitsAnew(page, why) {
  await page.clock.runFor(700);
  assert.ok(!(await isRipe(page)), why);
  await page.clock.runFor(200);
  assert.ok(await isRipe(page), 'the wait has an end');
}

/** Pairs by the command that the page shows, as a person would paste it. */
export async function pair(page) {
  const shown = page.locator('.command-line');
  const command = await eventually('a command to pair', async () => {
    const text = await shown.textContent();
    return text.startsWith('airlock-exec pair') && text;
  });
  return airlock(...command.split(' ').slice(1));
}

export async function shoot(page, name) {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`) });
}

/** axe-core, in a world of its own: the page lets nobody run scripts in it. */
export async function clean(page, what) {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const world = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  const run = (expression) => session.send('Runtime.evaluate', {
    expression, contextId: world.executionContextId, awaitPromise: true, returnByValue: true });
  await run(axe);
  const answer = await run(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa',
    'wcag22aa', 'best-practice'] }).then((found) => found.violations.map((one) =>
    one.id + ': ' + one.nodes.map((node) => node.html.slice(0, 120) + ' ' + node.failureSummary).join(' | ')))`);
  assert.deepEqual(answer.result.value, [], what);
  await session.detach();
}

/** Does the steps in the browser, and says what was to see when one does not hold. */
export async function drive(browser, steps) {
  try {
    await steps();
  } catch (error) {
    console.error(error.stack);
    console.error(troubles.join('\n'));
    const page = browser.pages()[0];
    console.error(await page.locator('body').innerText().catch(() => ''));
    await shoot(page, 'failed').catch(() => {});
    process.exitCode = 1;
  } finally {
    await browser.close();
    // Commands may still wait; the sandbox ends them.
    process.exit();
  }
}
