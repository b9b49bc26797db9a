// The passkey of this browser: with it an approval takes a touch, which no program can give.
//
// It is an extension of ours: docs/harp.md. What the touch signs is made of the decision, so
// it is good for that one. The key of it is kept by the browser or a device, not by the page.

import { fromBase64, toBase64Url, toUtf8 } from './bytes.js';

const ES256 = -7;
const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const VERIFIED = 4;
const LONGEST = 120_000;

/** Nobody touched it, so that decision was not sent. */
export class NoTouch extends Error {}

/** Says why there can be no passkey at this address, in words; null where there can be. */
export function obstacle({ hostname } = window.location) {
  if (hostname.startsWith('[') || /^\d+(\.\d+){3}$/.test(hostname)) {
    return `A browser has no passkeys at ${hostname}, which is a number and no name`;
  }
  return window.PublicKeyCredential && navigator.credentials ? null : 'This browser has no passkeys';
}

/** Adds one: asks the person, and returns what a machine needs to know of it. */
export async function add(name) {
  const { hostname, origin } = window.location;
  const made = await navigator.credentials.create({ publicKey: {
    rp: { id: hostname, name: 'airlock-exec' },
    user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: 'Approving commands' },
    challenge: crypto.getRandomValues(new Uint8Array(32)),
    pubKeyCredParams: [{ type: 'public-key', alg: ES256 }],
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'preferred' },
    attestation: 'none',
    timeout: LONGEST,
  } });
  const { response } = made;
  if (response.getPublicKeyAlgorithm() !== ES256) throw new Error('it signs in another way than was asked for');
  const key = await crypto.subtle.importKey('spki', response.getPublicKey(), P256, true, ['verify']);
  return {
    credentialId: toBase64Url(new Uint8Array(made.rawId)),
    publicKey: toBase64Url(new Uint8Array(await crypto.subtle.exportKey('raw', key))),
    userVerified: (new Uint8Array(response.getAuthenticatorData())[32] & VERIFIED) !== 0,
    rpId: hostname,
    origin,
    addedAt: new Date().toISOString(),
  };
}

/** What a touch signs. `src/protocol/passkey/assertion.rs` has the same formula. */
export async function challengeOf({ artifactHash, decision, nonce }) {
  const text = `airlock-exec touch 1|${artifactHash}|${decision}|${nonce}`;
  return new Uint8Array(await crypto.subtle.digest('SHA-256', toUtf8(text)));
}

/** Asks for a touch for a decision that was signed, and returns the proof of it. */
export async function touch(passkey, signed) {
  let given;
  try {
    given = await navigator.credentials.get({ publicKey: {
      challenge: await challengeOf(signed),
      rpId: passkey.rpId,
      allowCredentials: [{ type: 'public-key', id: fromBase64(passkey.credentialId) }],
      userVerification: passkey.userVerified ? 'required' : 'preferred',
      timeout: LONGEST,
    } });
  } catch (error) {
    throw new NoTouch(error.name === 'NotAllowedError' ? 'The passkey was not used'
      : `The passkey cannot be used (${error.name})`);
  }
  const part = (bytes) => toBase64Url(new Uint8Array(bytes));
  const { authenticatorData, clientDataJSON, signature } = given.response;
  return {
    credentialId: part(given.rawId),
    authenticatorData: part(authenticatorData),
    clientDataJSON: part(clientDataJSON),
    signature: part(signature),
  };
}
