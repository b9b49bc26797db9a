// Whether the machines still take this browser.
//
// A machine has the last word about a pairing, also after this browser completed it: it may
// compare the fingerprint and refuse. The gateway knows which pairings were ended.

import { pairings, removePairing } from './vault.js';

const EVERY = 1500;
/** So long a machine is watched that has just been paired with. */
const WATCHED = 10 * 60_000;

/** Forgets the pairings that the other side refused or ended, and returns them. */
export async function forgetEnded(gateway) {
  const ended = [];
  for (const pairing of await pairings()) {
    const path = `/v1/pairing/${encodeURIComponent(pairing.nonce)}/status`;
    // A gateway that cannot be asked says nothing about it.
    const told = await gateway.get(path).catch(() => null);
    const [now] = (await pairings()).filter(({ enforcerId }) => enforcerId === pairing.enforcerId);
    if (told?.state?.toLowerCase() !== 'revoked' || now?.nonce !== pairing.nonce) continue;
    await removePairing(pairing.enforcerId);
    ended.push(pairing);
  }
  return ended;
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
