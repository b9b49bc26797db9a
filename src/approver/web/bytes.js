// Bytes, and the texts they are written as.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const toUtf8 = (text) => encoder.encode(text);

/** Reads UTF-8; throws where it is none. */
export const fromUtf8 = (bytes) => decoder.decode(bytes);

/** Reads base64 or base64url, padded or not. */
export function fromBase64(text) {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  const binary = atob(standard);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

/** Writes a few bytes as base64url without padding. */
export function toBase64Url(bytes) {
  const standard = btoa(String.fromCharCode(...bytes));
  return standard.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Writes a few bytes as standard base64. */
export const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));

export const toHex = (bytes) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Returns SHA-256 as lower-case hexadecimal. */
export async function sha256(bytes) {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** Draws that many random bytes and writes them as base64url. */
export const randomText = (length) => toBase64Url(crypto.getRandomValues(new Uint8Array(length)));
