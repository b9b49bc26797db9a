// Drives Chromium through the page, with real commands that wait at a real gateway.

import { existsSync } from 'node:fs';
import assert from 'node:assert/strict';
import { airlock, approve, ask, askOf, begin, canary, cardFor, clean, drive, eventually, holdTime, isRipe, launch,
  listed, ok, pair, releaseTime, requests, ripe, shoot, start, stranger, toEnd, troubles, waitsAnew } from './scene.mjs';

/** A command for a terminal that goes on until somebody ends it. */
const TICKS = 'n=0; while :; do n=$((n+1)); echo "tick-$n <b>"; sleep 0.2; done';

const browser = await launch();

async function steps() {
  const [page] = browser.pages();

  // The first command pairs the approver of this machine, and starts the gateway.
  await begin();

  // Letting the browser in.
  const address = (await airlock('approver', 'web')).split('\n')[0];
  const origin = new URL(address).origin;
  await page.goto(`${origin}/`);
  await page.getByRole('heading', { name: 'Let this browser in' }).waitFor();
  ok('a browser without a code is told how it gets one');
  await page.goto(address);
  await page.getByRole('heading', { name: 'Pair with a machine' }).waitFor();
  assert.equal(page.url(), `${origin}/`, 'the code is taken out of the address');
  ok('a code lets a browser in');

  const second = await browser.newPage();
  await second.goto(address);
  await second.getByRole('heading', { name: 'Pair with a machine' }).waitFor();
  await second.close();
  const elsewhere = await stranger();
  const other = await elsewhere.newPage();
  await other.goto(address);
  await other.getByText('was used before').waitFor();
  ok('a used code lets nobody else in');
  for (const lacking of ['X25519', 'Ed25519']) {
    const without = await elsewhere.newPage();
    await without.addInitScript((name) => {
      const generate = crypto.subtle.generateKey.bind(crypto.subtle);
      crypto.subtle.generateKey = (algorithm, ...rest) => (algorithm.name === name
        ? Promise.reject(new DOMException('no', 'NotSupportedError')) : generate(algorithm, ...rest));
    }, lacking);
    await without.goto(`${origin}/`);
    await without.getByText(`This browser has no ${lacking}`).waitFor();
    assert.equal(await without.getByRole('button').count(), 0, 'it has nothing to decide with');
    ok(`a browser without ${lacking} is told so`);
  }
  await elsewhere.close();

  const paired = await pair(page);
  assert.match(paired, /paired with browser .*AES-256-GCM/);
  await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
  ok('pairs by its own code, and the enforcer seals with AES-256-GCM');

  // Approving.
  const file = canary();
  await page.clock.install();
  const touched = ask('touch', file);
  await cardFor(page, file).waitFor();
  assert.match(await page.title(), /^\(1\) /);
  // Time stands still for the page, and it has just got the focus.
  await holdTime(page);
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  assert.ok(!(await isRipe(page)));
  await page.clock.runFor(700);
  await approve(page).click({ force: true });
  await waitsAnew(page, 'a press begins the wait anew');
  assert.equal((await listed()).length, 1, 'an early press decided');
  await releaseTime(page);
  await ripe(page);
  await approve(page).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('yyyyyyy\n');
  assert.equal((await listed()).length, 1, 'Enter decided');
  assert.ok(!existsSync(file));
  ok('neither an early click nor Enter nor letters approve');
  await page.evaluate(() => document.querySelector('.place .approve').click());
  assert.equal((await listed()).length, 1, 'a script decided');
  await ripe(page);
  await approve(page).click();
  assert.equal((await touched.end).status, 0);
  assert.ok(existsSync(file));
  await page.getByText('approved', { exact: true }).first().waitFor();
  ok('an approved command runs');

  // Rejecting with words.
  const refused = canary();
  const rejected = ask('touch', refused);
  await cardFor(page, refused).waitFor();
  await page.getByRole('button', { name: 'Reject', exact: true }).first().click();
  await page.getByLabel('Why not (the agent reads it)').fill('not on a friday <b>ever</b>');
  await page.locator('.reasons button[type=submit]').click();
  const no = await rejected.end;
  assert.equal(no.status, 120);
  assert.match(no.said, /not on a friday <b>ever<\/b>/);
  assert.ok(!existsSync(refused));
  ok('a rejected command does not run, and the agent reads why');
  const changed = ask('touch', canary());
  await cardFor(page, 'canary-3').waitFor();
  await page.keyboard.press('c');
  await page.getByLabel('What to do instead').fill('use mktemp');
  await page.keyboard.press('Control+Enter');
  assert.match((await changed.end).said, /do this instead: use mktemp/);
  ok('a change is told to the agent');

  // Two tabs, and a reload in the middle.
  const both = canary();
  const shared = ask('touch', both);
  const twin = await browser.newPage();
  await twin.goto(`${origin}/`);
  await Promise.all([cardFor(page, both).waitFor(), cardFor(twin, both).waitFor()]);
  await twin.reload();
  await cardFor(twin, both).waitFor();
  ok('a reload comes back without a code');
  await ripe(twin);
  await approve(twin).click();
  assert.equal((await shared.end).status, 0);
  await eventually('the first tab to notice', async () => !(await cardFor(page, both).isVisible()));
  await twin.close();
  ok('what one tab decided is gone in the other');

  // Offline and back.
  await page.bringToFront();
  const later = canary();
  await browser.setOffline(true);
  await page.getByText('No connection to the gateway. Nothing').waitFor();
  const offline = start('--pty=always', '--', 'sh', '-c', `touch ${later}; ${TICKS}`);
  await eventually('a request', async () => (await listed()).length > 0);
  await browser.setOffline(false);
  await cardFor(page, later).waitFor();
  await browser.setOffline(true);
  await page.getByText('No connection to the gateway', { exact: true }).waitFor();
  await approve(page).click({ force: true });
  assert.ok(!existsSync(later));
  await browser.setOffline(false);
  await ripe(page);
  await approve(page).click();
  await eventually('it to run', () => existsSync(later));
  ok('offline nothing is decided, and back online everything is there');

  await following(page, offline);
  await hostile(page);
  await danger(page);
  await history(page);
  await numbers(page);
  await accessibility(page);

  // Pairing by the code of the machine, after the first pairing was ended here.
  await page.getByRole('button', { name: 'This browser' }).click();
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await page.getByText('No machine yet.').waitFor();
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await page.getByLabel('Code of the machine').fill('nonsense!');
  await page.keyboard.press('Enter');
  await page.getByText('That is no code').waitFor();
  await page.getByLabel('Code of the machine').fill('AAAA-AAAA');
  await page.keyboard.press('Enter');
  await page.getByText('the code is unknown').waitFor();
  const print = await page.locator('.fingerprint').textContent();
  await linked(page, print);
  const pairing = start('pair', '--json', '--name', 'again', '--fingerprint', print);
  const code = await eventually('a code', () => {
    const [line, rest] = pairing.told.stdout.split('\n');
    return rest !== undefined && JSON.parse(line).code;
  });
  await page.getByLabel('Code of the machine').fill(code.toLowerCase());
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
  assert.match((await pairing.end).stdout, /"paired"/);
  ok('pairs by the code of the machine');

  await quiet(page);
  await burst(page);

  // Kept out.
  const [{ id }] = JSON.parse(await airlock('approver', 'web', 'list', '--json'));
  await airlock('approver', 'web', 'revoke', `${id}`);
  await page.getByText('This browser was revoked').waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Let this browser in' }).waitFor();
  ok('a revoked browser is out at once');

  const foreign = requests.filter((url) => !url.startsWith(`${origin}/`));
  assert.deepEqual(foreign, [], 'nobody else was asked anything');
  const noise = /401|429|409|net::ERR|Failed to load resource/;
  assert.deepEqual(troubles.filter((trouble) => !noise.test(trouble)), []);
  ok('nobody else was asked, and nothing went wrong unseen');
}

/** What an approved command writes is watched and it is stopped; of another the end is said. */
async function following(page, ticking) {
  const line = page.locator('.recent li', { hasText: 'tick-' }).first();
  await line.getByText('running', { exact: true }).waitFor();
  const output = line.locator('.output');
  assert.ok(!(await output.isVisible()), 'nobody watches yet');
  await line.getByRole('button', { name: 'Watch' }).click();
  await eventually('its output', async () => /tick-\d+ <b>/.test(await output.innerText()));
  const first = await output.innerText();
  await eventually('more of it', async () => (await output.innerText()).length > first.length);
  assert.equal(await output.locator('b').count(), 0, 'markup is text');
  ok('what an approved command writes is watched on its card');
  await line.getByRole('button', { name: 'Stop it' }).click();
  await line.getByText('killed by signal 15 after').waitFor();
  await line.getByText('Stopped from here.').waitFor();
  assert.ok(!(await line.getByRole('button', { name: 'Stop it' }).isVisible()));
  assert.notEqual((await ticking.end).status, 0);
  ok('a command is stopped on its card');

  await airlock('config', 'set', 'outcome.last_lines', '1');
  const asked = start('--pty=always', '--', 'sh', '-c', 'echo one; echo two; echo three; exit 7');
  await cardFor(page, 'three').waitFor();
  await toEnd(page);
  await ripe(page);
  await approve(page).click();
  assert.equal((await asked.end).status, 7);
  const other = page.locator('.recent li', { hasText: 'three' }).first();
  await other.getByText('ended with status 7 after').waitFor();
  assert.equal((await other.locator('.output').innerText()).trim(), 'three');
  await airlock('config', 'set', 'outcome.last_lines', '0');
  ok('the card says how a command ended, and the last line where that is allowed');
}

/** A machine's own link has its code; nobody is paired by opening one. */
async function linked(page, print) {
  const pairing = start('pair', '--json', '--name', 'linked', '--fingerprint', print);
  const code = await eventually('a code', () => {
    const [line, rest] = pairing.told.stdout.split('\n');
    return rest !== undefined && JSON.parse(line).code;
  });
  const link = new URL(`/#pair=${code}&certificate=${'ab'.repeat(32)}`, page.url()).href;
  for (const tab of [await browser.newPage(), page]) {
    await tab.goto(link);
    await tab.getByText('The link has a code.').waitFor();
    assert.equal(tab.url(), new URL('/', link).href, 'the code is taken out of the address');
    assert.equal(await tab.getByLabel('Code of the machine').inputValue(), code);
    assert.ok(!/"paired"/.test(pairing.told.stdout), 'it was opened, and nobody pressed');
    if (tab !== page) await tab.close();
  }
  await page.getByRole('button', { name: 'Pair', exact: true }).last().click();
  await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
  assert.match((await pairing.end).stdout, /"paired"/);
  ok('a link fills the code in, and pairs when somebody presses');
  await page.getByRole('button', { name: 'This browser' }).click();
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await page.getByText('No machine yet.').waitFor();
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
}

/** Loads the page again: it has not counted then how many came within the minute. */
async function afresh(page) {
  await page.reload();
  await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
}

/** Commands that want to look like others, or to run something here. */
async function hostile(page) {
  await afresh(page);
  const file = canary();
  const words = ['sh', '-c', `true "$@"; touch ${file}`, 'x',
    '<img src=x onerror=alert(1)>', '"><script>alert(2)</script>', '\u202etxt.exe\u2066', 'g\u0456t',
    '\u001b[2Kgit status', ' '.repeat(300) + 'end', 'a\u200bb', '&lt;b&gt;', '${alert(3)}', 'Approved by admin'];
  const asked = ask(...words);
  const card = cardFor(page, 'onerror');
  await card.waitFor();
  const text = await page.locator('.place').innerText();
  assert.ok(text.includes('<img src=x onerror=alert(1)>'), 'markup is text');
  for (const escape of ['\\u{202E}', '\\u{2066}', '\\x1b', '␠×300', '\\u{200B}']) {
    assert.ok(text.includes(escape), `${escape} is written`);
  }
  // eslint-disable-next-line no-control-regex
  assert.ok(!/[\u202e\u2066\u200b\u001b]/.test(await page.locator('.place').textContent()));
  for (const named of ['U+202E', 'U+0456', 'U+001B', '300 blanks']) {
    assert.ok((await page.locator('.notice.odd').innerText()).includes(named), `${named} is named`);
  }
  assert.equal(await page.locator('.place img, .place script').count(), 0);
  await toEnd(page);
  await ripe(page);
  await holdTime(page);
  await approve(page).click();
  await page.getByRole('button', { name: 'Press again: it deceives the eye' }).waitFor();
  await waitsAnew(page, 'the second press has to wait as well');
  await releaseTime(page);
  assert.ok(!existsSync(file));
  await ripe(page);
  await approve(page).click();
  assert.equal((await asked.end).status, 0);
  assert.ok(existsSync(file), 'what was approved ran whole');
  ok('hostile text is shown as text, escaped and named');

  // As long as it gets through the gateway: 100 arguments of 2 KB, and many lines.
  const lines = Array.from({ length: 3000 }, (_, index) => `echo ${index}`).join('\n');
  const wordy = Array.from({ length: 100 }, (_, index) => `${index}${'x'.repeat(2000)}`);
  const big = canary();
  const long = ask('sh', '-c', `exit 0\n${lines}\ntouch ${big}`, 'x', ...wordy);
  await cardFor(page, 'exit 0').waitFor();
  await new Promise((resolve) => { setTimeout(resolve, 900); });
  assert.ok(!(await isRipe(page)), 'the end was not seen');
  await toEnd(page);
  await new Promise((resolve) => { setTimeout(resolve, 900); });
  assert.ok(!(await isRipe(page)), 'the middle was not seen');
  const more = page.locator('.command .more');
  while (await more.count() > 0) await more.first().click();
  assert.ok((await page.locator('.command .text').first().innerText()).length > 0);
  assert.equal(await page.locator('.command .hidden').count() >= 100, true, 'long words have digests');
  await toEnd(page);
  await ripe(page);
  await approve(page).click();
  await cardFor(page, 'exit 0').waitFor({ state: 'detached' });
  assert.equal((await long.end).status, 0);
  ok('a long command is approved only after its end was seen');

  // More than a request may hold never gets here, and does not run.
  const huge = await ask('sh', '-c', ':', ...Array.from({ length: 10 }, () => 'y'.repeat(110_000))).end;
  assert.ok(huge.status >= 120, huge.said);
  ok('a command of a megabyte is refused before anybody is asked');
}

async function danger(page) {
  // As if somebody had allowed notifications, and looked elsewhere.
  await page.evaluate(() => {
    window.Notification = class {
      static permission = 'granted';
      constructor(title, { body }) { window.told = `${title}: ${body}`; }
    };
    document.hasFocus = () => false;
  });
  const asked = ask('sh', '-c', 'rm -rf ./no-such-directory; curl http://127.0.0.1:1/x | sh');
  await cardFor(page, 'no-such-directory').waitFor();
  assert.equal(await page.evaluate(() => window.told), 'Airlock: A command waits for you');
  await page.evaluate(() => { delete document.hasFocus; });
  ok('a notification says how many wait, and not what');
  const notes = await page.locator('.notice.danger').innerText();
  assert.match(notes, /Hard to undo[^]*download/);
  await toEnd(page);
  await ripe(page);
  await approve(page).click();
  await page.getByRole('button', { name: 'Press again: hard to undo' }).waitFor();
  await shoot(page, 'danger');
  await page.getByRole('button', { name: 'Reject', exact: true }).first().click();
  await page.getByRole('button', { name: 'Not now' }).click();
  assert.equal((await asked.end).status, 120);
  ok('what is hard to undo is said');
}

/** A command that is hard to undo, does nothing, and leaves a file if it runs. */
const risky = (file) => start('--json', '--', 'sh', '-c', `curl -s http://127.0.0.1:1/x | sh; touch ${file}`);

/** What is hard to undo takes the number that stands where it waits. */
async function numbers(page) {
  await afresh(page);
  const file = canary();
  const asked = risky(file);
  const typed = page.getByLabel('The number in the terminal');
  await cardFor(page, file).waitFor();
  const { number } = await eventually('a number', () => {
    const line = asked.told.stderr.split('\n').find((each) => each.includes('"waiting"'));
    return line && JSON.parse(line);
  });
  assert.match(number, /^\d\d$/);
  assert.ok(!(await page.locator('.place').innerText()).includes(`number ${number}`), 'the page keeps it to itself');
  await toEnd(page);
  await ripe(page);
  assert.ok(!(await typed.isVisible()));
  await approve(page).click();
  await page.getByText('Type the two digits first').waitFor();
  await shoot(page, 'number');
  await clean(page, 'the number');
  await approve(page).click({ force: true });
  const other = String((Number(number) + 1) % 100).padStart(2, '0');
  await typed.fill(other);
  await ripe(page);
  await holdTime(page);
  await approve(page).click();
  await page.getByText('Another number stands there. Nothing was decided.').waitFor();
  assert.equal(await typed.inputValue(), '');
  assert.equal((await listed()).length, 1, 'another number decided');
  ok('another number than the one in the terminal does not approve');
  await page.clock.runFor(700);
  await typed.pressSequentially(number);
  await page.clock.runFor(700);
  assert.ok(!(await isRipe(page)), 'what is typed too early begins the wait anew');
  await page.keyboard.press('Enter');
  await waitsAnew(page, 'Enter begins it anew too');
  await releaseTime(page);
  await ripe(page);
  await page.keyboard.press('Enter');
  assert.equal((await listed()).length, 1, 'Enter decided');
  assert.ok(!existsSync(file));
  await approve(page).click();
  await asked.end;
  assert.ok(existsSync(file));
  ok('the number in the terminal approves what is hard to undo');

  await asksNumber(page, false);
  const unasked = canary();
  const plain = risky(unasked);
  await cardFor(page, unasked).waitFor();
  await toEnd(page);
  for (let press = 0; press < 2; press += 1) {
    await ripe(page);
    assert.ok(!(await typed.isVisible()));
    await approve(page).click();
  }
  await plain.end;
  assert.ok(existsSync(unasked));
  await asksNumber(page, true);
  ok('a browser can be told not to ask for the number');
}

async function asksNumber(page, asks) {
  await page.getByRole('button', { name: 'This browser' }).click();
  const box = page.getByLabel('Ask for the number in the terminal');
  await eventually('how it is set', async () => (await box.isChecked()) !== asks);
  await box.setChecked(asks);
  await page.getByText('from the next card on').waitFor();
  await page.getByRole('button', { name: /^Waiting/ }).click();
}

/** Nothing more of a session, while its workspace goes on. */
async function quiet(page) {
  const [one, another, later] = [canary(), canary(), canary()];
  const asked = askOf('ses-1', 'touch', one);
  await cardFor(page, one).waitFor();
  const elsewhere = ask('touch', another);
  await page.getByRole('button', { name: 'Waiting (2)' }).waitFor();
  await page.getByRole('button', { name: 'Reject', exact: true }).click();
  await page.getByRole('button', { name: 'Reject all of this workspace, and ask nothing for 15 min' }).waitFor();
  await page.getByRole('button', { name: 'Reject all of this session, and ask nothing for 15 min' }).click();
  const said = await asked.end;
  assert.equal(said.status, 120);
  assert.match(said.said, /no more commands from this session for now/);
  assert.equal((await askOf('ses-1', 'touch', later).end).status, 121);
  await cardFor(page, another).waitFor();
  await page.getByRole('button', { name: 'Reject', exact: true }).click();
  assert.equal(await page.getByRole('button', { name: 'Reject all of this session' }).count(), 0);
  await page.getByRole('button', { name: 'Not now' }).click();
  assert.equal((await elsewhere.end).status, 120);
  assert.deepEqual([one, another, later].filter((file) => existsSync(file)), []);
  ok('a session asks nothing for a while, and its workspace goes on');
}

/** More different commands than a person can read. */
async function burst(page) {
  // No more than five may wait at once, and one may just be going.
  const files = [];
  const wave = async () => {
    const some = Array.from({ length: 4 }, canary);
    files.push(...some);
    const asked = some.map((file) => ask('touch', file));
    await page.getByRole('button', { name: 'Waiting (4)' }).waitFor();
    return asked;
  };
  for (let time = 0; time < 2; time += 1) {
    const gone = await wave();
    await airlock('approver', 'reject', ...(await listed()).map((item) => item.requestId));
    await Promise.all(gone.map(({ end }) => end));
    await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
  }
  const asked = await wave();
  await page.getByText('different commands were asked within a minute').waitFor();
  await toEnd(page);
  await page.getByText('approve at the terminal, or wait').waitFor();
  await approve(page).click({ force: true });
  await page.getByRole('button', { name: 'Reject', exact: true }).first().click();
  await page.getByRole('button', { name: 'Reject all of this workspace, and ask nothing for 15 min' }).click();
  const ends = await Promise.all(asked.map(({ end }) => end));
  assert.deepEqual(ends.map(({ status }) => status), ends.map(() => 120));
  const late = canary();
  assert.equal((await ask('touch', late).end).status, 121);
  assert.deepEqual([...files, late].filter((file) => existsSync(file)), []);
  ok('a burst cannot be approved here, and can be stopped');
}

async function history(page) {
  await page.getByRole('button', { name: 'History' }).click();
  const lines = page.locator('.view ol.history > li');
  await lines.first().waitFor();
  const text = await page.locator('.view ol.history').innerText();
  assert.match(text, /rejected/);
  assert.match(text, /approved/);
  await lines.first().locator('.line').click();
  await page.locator('.view .history .card').waitFor();
  await page.getByText('Reason given: Not now').waitFor();
  await shoot(page, 'history');
  await page.getByRole('button', { name: /^Waiting/ }).click();
  ok('the history says what became of each');
}

async function accessibility(page) {
  const asked = ask('git', 'push', '--force', 'origin', 'main');
  await page.locator('.card.dangerous', { hasText: 'git push' }).waitFor();
  await page.setViewportSize({ width: 880, height: 640 });
  await ripeOrEnd(page);
  await shoot(page, 'page');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      await ripeOrEnd(page);
      await clean(page, `a card, ${colorScheme}, ${width}`);
      await shoot(page, `card-${colorScheme}-${width}`);
    }
  }
  for (const view of ['History', 'Pair', 'This browser']) {
    await page.getByRole('button', { name: view, exact: true }).click();
    await page.locator('main h1').first().waitFor();
    if (view === 'History') await page.locator('.view ol.history > li').nth(5).waitFor();
    await clean(page, view);
    await shoot(page, view.toLowerCase().replace(' ', '-'));
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole('button', { name: /^Waiting/ }).click();
  await page.getByRole('button', { name: 'Reject', exact: true }).first().click();
  await clean(page, 'reasons');
  await shoot(page, 'reasons');
  await page.getByRole('button', { name: 'Not now' }).click();
  assert.equal((await asked.end).status, 120);
  ok('axe finds nothing, in light and dark, wide and narrow');
}

async function ripeOrEnd(page) {
  await toEnd(page);
  await ripe(page);
  await page.evaluate(() => window.scrollTo(0, 0));
}

await drive(browser, steps);
