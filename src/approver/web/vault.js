// What this browser keeps: keys that cannot be taken out, and whom it is paired with.
//
// There is no secret among it: no bearer, no code, no command. What this browser is set to
// is kept beside them.

import { generate } from './keys.js';
import { isLoopback } from './number.js';

const NAME = 'airlock-exec';
const VERSION = 1;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('self');
      request.result.createObjectStore('pairings', { keyPath: 'enforcerId' });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function store(name, mode = 'readonly') {
  return (await database()).transaction(name, mode).objectStore(name);
}

/** Returns the keys of this browser, making them the first time. */
export async function identity() {
  const known = await done((await store('self')).get('identity'));
  if (known) return known;
  const fresh = await generate();
  const self = await store('self', 'readwrite');
  // Of two tabs that begin at once the first decides.
  const other = await done(self.get('identity'));
  if (other) return other;
  await done(self.put(fresh, 'identity'));
  // The browser may otherwise forget them when its disk is full.
  navigator.storage?.persist?.().catch(() => {});
  return fresh;
}

export const pairings = async () => done((await store('pairings')).getAll());

/** Of a machine so many pairings are kept besides the newest, where it is not said what became of them. */
const OLDER = 4;

/** A pairing and those before it with the same machine, which hold until that keeps the newest. */
export const andOlder = (pairing) => [pairing, ...pairing.before ?? []];

export async function addPairing(pairing) {
  const all = await store('pairings', 'readwrite');
  const last = await done(all.get(pairing.enforcerId));
  const before = last ? andOlder(last).slice(0, OLDER).map((each) => ({ ...each, before: undefined })) : [];
  await done(all.put({ ...pairing, before }));
}

/** Forgets those of the pairings with a machine that have these nonces. */
export async function forgetPairings(enforcerId, nonces) {
  const all = await store('pairings', 'readwrite');
  const last = await done(all.get(enforcerId));
  const [newest, ...before] = last ? andOlder(last).filter(({ nonce }) => !nonces.includes(nonce)) : [];
  await done(newest ? all.put({ ...newest, before }) : all.delete(enforcerId));
}

export const removePairing = async (enforcerId) =>
  done((await store('pairings', 'readwrite')).delete(enforcerId));

/** Tells whether the number in the terminal is asked for: where nothing was said, at home. */
export async function asksNumber() {
  const said = await done((await store('self')).get('asksNumber'));
  return said ?? isLoopback(window.location.hostname);
}
export const setAsksNumber = async (asks) =>
  done((await store('self', 'readwrite')).put(asks, 'asksNumber'));

/** The passkey that was added here; what is kept of it is public. */
export const passkey = async () => done((await store('self')).get('passkey'));
export async function setPasskey(added) {
  const self = await store('self', 'readwrite');
  await done(added === null ? self.delete('passkey') : self.put(added, 'passkey'));
}

/** Forgets everything: keys and pairings. */
export async function forget() {
  await done((await store('self', 'readwrite')).clear());
  await done((await store('pairings', 'readwrite')).clear());
}
