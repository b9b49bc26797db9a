// Shows the texts of display.json by the rules of the page; src/display shows the same.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { toBase64Url } from './bytes.js';
import { Desk } from './desk.js';
import { oddities, spans } from './display.js';
import { canonical, read } from './json.js';
import { missing } from './keys.js';
import { isLoopback, mayAsk, numberOf } from './number.js';
import { challengeOf, obstacle } from './passkey.js';
import { gravity } from './warnings.js';
import { split } from './words.js';

for (const { text, times = 1, shown, odd } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const given = text.repeat(times);
  // The page shows blanks at either end, where they could not be seen.
  const ends = shown.replace(/^ +| +$/g, (blanks) => '␠'.repeat(blanks.length));
  assert.equal(spans(given).map((span) => span.text).join(''), ends, JSON.stringify(given));
  assert.deepEqual(oddities(given), odd, JSON.stringify(given));
}

// RFC 8785 3.2.2 and 3.2.3, and what must not be read.
const sample = '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
  + '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}';
assert.equal(canonical(read(sample)), '{"literals":[null,true,false],"numbers":[333333333.3333333,'
  + '1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}');
const order = '{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}';
assert.equal(Object.values(JSON.parse(canonical(read(order)).replaceAll('"1"', '"x1"'))).join(''), '2467153');
for (const bad of ['{"a":1,"a":2}', '"\\ud800"', '9007199254740993', '[1,]', '01', '{"a":1}x',
  '1e999', '\u00a0{}', '{"__proto__":1,"__proto__":2}', '['.repeat(40) + ']'.repeat(40)]) {
  assert.throws(() => read(bad), SyntaxError, bad);
}
assert.deepEqual(split(`git commit -m 'a b' "c\\"d" e\\ f`), ['git', 'commit', '-m', 'a b', 'c"d', 'e f']);
assert.equal(split("a 'b"), null);

// What the sender cut in its own words deceives nobody; in a command it might.
const cut = { whyAsked: 'no rule covers feature…', git: { commits: ['1a2b3c Eve: mend the door…'] } };
assert.equal(gravity(cut), null);
assert.equal(gravity({ argv: ['git', 'diff', 'main…'] }), 'it deceives the eye');
assert.equal(gravity({ whyAsked: 'g\u0456t…' }), 'it deceives the eye');

// The number of a request is that of `src/review/number.rs`.
const numbered = (createdAt, commandText, more = {}) =>
  ({ createdAt, commandText, askTwice: true, interception: 'prefix', ...more });
assert.equal(await numberOf(numbered('2026-01-02T03:04:05.678Z', 'rm -rf ./out')), '48');
assert.equal(await numberOf(numbered('2026-01-02T03:04:05Z', "git push --force 'größer'")), '28');
for (const other of [{ askTwice: false }, { askTwice: 'true' }, { interception: 'agent-hook' },
  { createdAt: 5 }, { commandText: undefined }]) {
  assert.ok(!mayAsk(numbered('a', 'b', other)), JSON.stringify(other));
  assert.equal(await numberOf(numbered('a', 'b', other)), null);
}
for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]']) assert.ok(isLoopback(host), host);
for (const host of ['127.0.0.1.example', 'localhost.example', 'mylocalhost', '10.0.0.1', '[fe80::1]']) {
  assert.ok(!isLoopback(host), host);
}

// What a touch signs is that of `src/protocol/passkey`; the hash, the word and the nonce are in it.
const touched = { artifactHash: 'ab'.repeat(32), decision: 'approve', nonce: 'nonce-1' };
assert.equal(toBase64Url(await challengeOf(touched)), '0x6Jr9sa2g2FJhVek0DLjPKL8OvqT49_a-0Qi6gydeg');
for (const change of [{ decision: 'reject' }, { nonce: 'nonce-2' }, { artifactHash: 'cd'.repeat(32) }]) {
  assert.notDeepEqual(await challengeOf({ ...touched, ...change }), await challengeOf(touched));
}
globalThis.window = { PublicKeyCredential: class {} };
Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { credentials: {} } });
for (const hostname of ['127.0.0.1', '10.0.0.1', '[::1]']) assert.match(obstacle({ hostname }), /is a number/);
for (const hostname of ['localhost', 'gateway.lan']) assert.equal(obstacle({ hostname }), null);
const desk = new Desk(null, null);
const paired = { credentialId: 'AAAA' };
assert.match(desk.unable({}), /cannot be read/);
assert.equal(desk.unable({ fields: { askTouch: true } }), null);
assert.match(desk.unable({ fields: { askTouch: true, needsTouch: true } }), /paired without one/);
assert.equal(desk.unable({ fields: { askTouch: true, needsTouch: true }, passkey: paired }), null);
assert.ok(desk.takesTouch({ fields: { askTouch: true }, passkey: paired }));
for (const other of [{ fields: { askTouch: true } }, { fields: { askTouch: 'true' }, passkey: paired },
  { fields: {}, passkey: paired }, { passkey: paired }]) assert.ok(!desk.takesTouch(other), JSON.stringify(other));
window.PublicKeyCredential = undefined;
assert.match(obstacle({ hostname: 'localhost' }), /no passkeys/);

// A browser that cannot do what deciding needs is told which, and where it can.
const absent = { name: '' };
Object.defineProperty(globalThis, 'crypto', { configurable: true, value: { subtle: {
  generateKey: async ({ name }) => {
    if (name === absent.name) throw new DOMException('no', 'NotSupportedError');
    return {};
  },
} } });
globalThis.window = { isSecureContext: true };
assert.equal(await missing(), null);
for (const name of ['Ed25519', 'X25519']) {
  absent.name = name;
  assert.match(await missing(), new RegExp(`^This browser has no ${name} in WebCrypto.*Firefox from`));
}
window.isSecureContext = false;
assert.match(await missing(), /not secure for the browser/);
