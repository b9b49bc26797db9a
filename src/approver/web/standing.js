// Whether the machines still take this browser.
//
// A machine has the last word about a pairing, also after this browser completed it: it may
// compare the fingerprint and refuse. Until it keeps the new one, the one before goes on. The
// gateway knows which pairings were ended.

import { andOlder, forgetPairings, pairings } from './vault.js';

const EVERY = 1500;
/** So long a machine is watched that has just been paired with. */
const WATCHED = 10 * 60_000;

/**
 * Asks how the pairings stand, and forgets those that are over. Returns those with machines that
 * refused or ended them and ask no more, and those refused in whose place the one before goes on;
 * of those made just now, which are kept and of which it has not been said; and whether any was
 * forgotten.
 */
export async function lookAtPairings(gateway) {
  const found = { refused: [], ended: [], goingOn: [], kept: [], unsaid: [], changed: false };
  for (const pairing of await pairings()) {
    const over = new Map();
    for (const { nonce, pairedAt } of andOlder(pairing)) {
      // A gateway that cannot be asked says nothing about it.
      const told = await gateway.get(`/v1/pairing/${encodeURIComponent(nonce)}/status`).catch(() => null);
      const isNew = nonce === pairing.nonce && Date.now() - Date.parse(pairedAt) < WATCHED;
      if (told?.state?.toLowerCase() === 'revoked') over.set(nonce, Boolean(told.keptAt));
      else if (isNew && told?.extensions?.includes('kept')) found[told.keptAt ? 'kept' : 'unsaid'].push(pairing);
    }
    if (over.size === 0) continue;
    found.changed = true;
    await forgetPairings(pairing.enforcerId, [...over.keys()]);
    if (over.size < andOlder(pairing).length) {
      if (over.has(pairing.nonce)) found.goingOn.push(pairing);
    } else found[over.get(pairing.nonce) ? 'ended' : 'refused'].push(pairing);
  }
  return found;
}

let watching = 0;

/** Looks again and again after a pairing, for as long as a person may take to compare. */
export async function watchPairings(check) {
  const mine = watching += 1;
  const late = Date.now() + WATCHED;
  for (let wait = EVERY; mine === watching && Date.now() < late; wait = Math.min(wait * 1.2, 10 * EVERY)) {
    await new Promise((resolve) => { setTimeout(resolve, wait); });
    await check();
  }
}
