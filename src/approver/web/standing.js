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
 * Forgets the pairings that the other side refused or ended. Returns those with machines that
 * are not paired any more, those in whose place the one before goes on, and whether any changed.
 */
export async function forgetEnded(gateway) {
  const [ended, refused] = [[], []];
  let changed = false;
  for (const pairing of await pairings()) {
    const over = [];
    for (const { nonce } of andOlder(pairing)) {
      // A gateway that cannot be asked says nothing about it.
      const told = await gateway.get(`/v1/pairing/${encodeURIComponent(nonce)}/status`).catch(() => null);
      if (told?.state?.toLowerCase() === 'revoked') over.push(nonce);
    }
    if (over.length === 0) continue;
    changed = true;
    await forgetPairings(pairing.enforcerId, over);
    if (over.length === andOlder(pairing).length) ended.push(pairing);
    else if (over.includes(pairing.nonce)) refused.push(pairing);
  }
  return { ended, refused, changed };
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
