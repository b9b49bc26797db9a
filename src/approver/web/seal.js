// Opens what was sealed for us, and believes nothing that stands around it.

import { fromBase64, fromUtf8, sha256, toBase64, toUtf8 } from './bytes.js';
import { canonical, read } from './json.js';

/** Why an item cannot be read, and so can only be rejected. */
const CLOSED = {
  sender: 'it does not come from a machine this browser is paired with',
  seal: 'it is sealed in a way this browser does not know',
  authentic: 'it was changed on the way, or sealed for somebody else',
  unreadable: 'its content is not readable',
  hash: 'its content is not what its hash says',
  request: 'its content belongs to another request',
};

/**
 * Opens an item of the inbox: `{ fields }`, or `{ closed }` with the reason. What another key
 * may open is `isAnothers`.
 */
export async function open(item, key) {
  if (!key) return { closed: CLOSED.sender };
  const { ciphertext } = item;
  if (String(ciphertext?.alg).toLowerCase() !== 'aes-256-gcm') return { closed: CLOSED.seal };
  let bytes;
  try {
    bytes = await decrypt(ciphertext, key);
  } catch {
    return { closed: CLOSED.authentic, isAnothers: true };
  }
  let fields;
  try {
    fields = read(fromUtf8(bytes));
  } catch {
    return { closed: CLOSED.unreadable };
  }
  if (fields === null || typeof fields !== 'object' || Array.isArray(fields)) {
    return { closed: CLOSED.unreadable };
  }
  // The hash that is signed is the one computed here. A foreign enforcer may have hashed
  // what it sealed without making it canonical: that binds the content as well.
  const hashes = [await hashOf(fields), await sha256(bytes)];
  if (!hashes.includes(item.artifactHash)) return { closed: CLOSED.hash };
  if ('requestId' in fields && fields.requestId !== item.requestId) {
    return { closed: CLOSED.request };
  }
  return { fields, bytes };
}

/** Returns the hash of the canonical form. */
export const hashOf = (fields) => sha256(toUtf8(canonical(fields)));

/** Opens a message that is bound to its place by data that is not sent. */
export const unseal = (ciphertext, key, place) => {
  if (String(ciphertext?.alg).toLowerCase() !== 'aes-256-gcm') throw new Error(CLOSED.seal);
  return decrypt(ciphertext, key, place);
};

/** Seals a message for its place. */
export async function seal(bytes, key, place) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const parameters = { name: 'AES-GCM', iv, tagLength: 128, additionalData: place };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters, key, bytes));
  return { alg: 'AES-256-GCM', data: toBase64(sealed.slice(0, -16)), nonce: toBase64(iv),
    tag: toBase64(sealed.slice(-16)) };
}

async function decrypt(ciphertext, key, place = null) {
  const [data, tag] = [fromBase64(ciphertext.data), fromBase64(ciphertext.tag)];
  const iv = fromBase64(ciphertext.nonce);
  if (iv.length !== 12 || tag.length !== 16) throw new Error('not of this cipher');
  const sealed = new Uint8Array(data.length + tag.length);
  sealed.set(data);
  sealed.set(tag, data.length);
  const parameters = { name: 'AES-GCM', iv, tagLength: 128 };
  if (place) parameters.additionalData = place;
  else if (ciphertext.aad) parameters.additionalData = fromBase64(ciphertext.aad);
  return new Uint8Array(await crypto.subtle.decrypt(parameters, key, sealed));
}
