// What this browser is: three keys that WebCrypto made and never hands out.
//
// One signs decisions and pairings, one opens what is sealed for us, and one proves to
// the gateway that this browser was let in. They are not extractable; the gateway
// sees public halves only.

import { fromBase64, randomText, toBase64, toBase64Url, toUtf8 } from './bytes.js';

const ED25519 = { name: 'Ed25519' };
const X25519 = { name: 'X25519' };
/** HKDF `info`: one key, one cipher. */
const AES_INFO = toUtf8('HARP-E2E-AES256GCM');
const CIPHER = 'AES-256-GCM';

/** Says what this browser cannot do, in words; nothing when it can do all. */
export async function missing() {
  if (!window.isSecureContext || !crypto.subtle) {
    return 'This address is not secure for the browser, so it gives no keys to the page. '
      + 'Open the page at localhost (through an SSH tunnel, say) or over HTTPS.';
  }
  const tries = [
    ['Ed25519', () => crypto.subtle.generateKey(ED25519, false, ['sign', 'verify'])],
    ['X25519', () => crypto.subtle.generateKey(X25519, false, ['deriveBits'])],
  ];
  for (const [name, attempt] of tries) {
    try {
      await attempt();
    } catch {
      return `This browser has no ${name} in WebCrypto, which deciding needs. `
        + 'Chrome and Edge have it from version 137, Firefox from 130, Safari from 17.';
    }
  }
  return null;
}

/** Makes the keys of a new approver. */
export async function generate() {
  const sign = () => crypto.subtle.generateKey(ED25519, false, ['sign', 'verify']);
  const [signing, agreement, access] = await Promise.all([
    sign(),
    crypto.subtle.generateKey(X25519, false, ['deriveBits']),
    sign(),
  ]);
  return {
    approverId: `apr-${randomText(16)}`,
    signerKeyId: `key-${randomText(16)}`,
    createdAt: new Date().toISOString(),
    signing,
    agreement,
    access,
  };
}

const raw = async (key) => new Uint8Array(await crypto.subtle.exportKey('raw', key));

async function sign(pair, text) {
  const signature = await crypto.subtle.sign(ED25519, pair.privateKey, toUtf8(text));
  return toBase64Url(new Uint8Array(signature));
}

/** What a person compares: SHA-256 of the signing key, eight bytes of it. */
export async function fingerprint(identity) {
  const digest = await crypto.subtle.digest('SHA-256', await raw(identity.signing.publicKey));
  const bytes = new Uint8Array(digest).slice(0, 8);
  return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(':');
}

/** Proves to the gateway at this origin that we hold the access key. */
export async function proof(identity, given) {
  if (!/^[\w-]{43}$/.test(given)) throw new Error('the gateway gave nothing to sign');
  const signature = await sign(identity.access, `airlock-exec page 1\n${location.origin}\n${given}`);
  return { key: toBase64Url(await raw(identity.access.publicKey)), signature };
}

/** Introduces a passkey, as `src/protocol/passkey.rs` verifies it. */
async function introducedPasskey(identity, pairingNonce, { credentialId, publicKey, userVerified, rpId, origin }) {
  const parts = [pairingNonce, credentialId, publicKey, userVerified ? 1 : 0, rpId, origin];
  const signature = await sign(identity.signing, `airlock-exec passkey 1|${parts.join('|')}`);
  return { credentialId, publicKey, userVerified, rpId, origin, signature };
}

/** Introduces our keys, and a passkey if there is one, to the enforcer of a pairing: its `responseJson`. */
export async function introduction(identity, pairingNonce, passkey) {
  const publicKey = toBase64(await raw(identity.signing.publicKey));
  const x25519PublicKey = toBase64Url(await raw(identity.agreement.publicKey));
  const timestamp = new Date().toISOString();
  const parts = [identity.signerKeyId, publicKey, pairingNonce, timestamp, x25519PublicKey];
  const signature = await sign(identity.signing, parts.join('|'));
  return {
    signerKeyId: identity.signerKeyId,
    publicKey,
    pairingNonce,
    timestamp,
    signature,
    x25519PublicKey,
    // WebCrypto has no XChaCha20.
    ciphers: [CIPHER],
    ...(passkey ? { passkey: await introducedPasskey(identity, pairingNonce, passkey) } : {}),
  };
}

/** Signs a decision over exactly this hash. */
export async function decision(identity, artifactHash, word) {
  if (!/^[0-9a-f]{64}$/.test(artifactHash)) throw new Error('that is no hash');
  if (word !== 'approve' && word !== 'reject') throw new Error('that is no decision');
  const nonce = randomText(16);
  const signature = await sign(identity.signing, `${artifactHash}|${word}|${nonce}`);
  return { artifactHash, decision: word, signerKeyId: identity.signerKeyId, nonce, signature };
}

/** Signs an order about a command that this key approved. */
export async function order(identity, word, requestId, artifactHash, seq) {
  if (!['watch', 'unwatch', 'stop'].includes(word)) throw new Error('that is no order');
  const text = `airlock-exec control 1|${word}|${requestId}|${artifactHash}|${seq}`;
  return { control: word, signerKeyId: identity.signerKeyId,
    signature: await sign(identity.signing, text) };
}

/** Agrees on the key that an enforcer seals with; null when its own is none. */
export async function sealKey(identity, theirKey) {
  try {
    const bytes = fromBase64(theirKey).slice(-32);
    const theirs = await crypto.subtle.importKey('raw', bytes, X25519, false, []);
    // WebCrypto refuses an all-zero secret by itself: a key of small order.
    const secret = await crypto.subtle.deriveBits(
      { name: 'X25519', public: theirs }, identity.agreement.privateKey, 256);
    const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
    const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: AES_INFO };
    return await crypto.subtle.deriveKey(
      hkdf, material, { name: 'AES-GCM', length: 256 }, false, ['decrypt', 'encrypt']);
  } catch {
    return null;
  }
}
