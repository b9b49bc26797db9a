// The number that stands where a command waits, and is typed here to approve it.
//
// Whoever types it has looked at the command that waits, and it is the one of this card.
// It is no secret and approves nothing: only the signature does.

import { toUtf8 } from './bytes.js';

/**
 * Two decimal digits, be16(SHA-256(createdAt || 0x00 || commandText)[0..2]) mod 100, of the
 * fields of what was opened, in UTF-8; null for what has none. All approvers of one command
 * have these two in common. `src/review/number.rs` has the same formula.
 */
export async function numberOf(fields) {
  if (!mayAsk(fields)) return null;
  const text = toUtf8(`${fields.createdAt}\0${fields.commandText}`);
  const [first, second] = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  return String(((first << 8) | second) % 100).padStart(2, '0');
}

/**
 * Tells whether a number is shown for it: for what its sender calls hard to undo, unless a
 * hook of an agent asks, which has no place for one.
 */
export function mayAsk(fields) {
  return fields?.askTwice === true && fields.interception !== 'agent-hook'
    && typeof fields.createdAt === 'string' && typeof fields.commandText === 'string';
}

/** Tells whether a page at this host is on the machine of its person. */
export const isLoopback = (host) =>
  host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host) || /^(.+\.)?localhost$/.test(host);
