// What waits for this browser, and the decisions it sends.

import { randomText } from './bytes.js';
import { shown } from './display.js';
import { span } from './element.js';
import { Following } from './follow.js';
import { CallError } from './gateway.js';
import { canonical } from './json.js';
import { decision, sealKey } from './keys.js';
import { NoTouch, touch } from './passkey.js';
import { covers, denialOf, reasonOf } from './reach.js';
import { hashOf, open } from './seal.js';
import { lookAtPairings } from './standing.js';
import { follow } from './stream.js';
import { andOlder, pairings } from './vault.js';

/** What differs between two requests of the same command. */
const VOLATILE = ['requestId', 'createdAt', 'expiresAt', 'bootClock'];
/** More different commands than that in a minute are no work for a tired finger. */
const BURST = 10;
const MINUTE = 60_000;
const ATTEMPTS = 3;
/** Clocks may differ by so much. */
const SKEW = MINUTE;
const PENDING = 'pendingApproval';

export class Desk extends EventTarget {
  items = new Map();
  /** Decisions of this window, newest first. */
  settled = [];
  isConnected = false;
  needsCode = false;
  /** Why there is no connection, in words. */
  trouble = null;
  /** Which machines refused the pairing, ended it, or refused one where the one before goes on. */
  over = {};
  /** Which machines that were answered just now keep the pairing, and which have not said yet. */
  kept = '';
  unsaid = '';
  #identity;
  #gateway;
  #keys = new Map();
  #arrivals = [];
  #following = false;
  #followed = new Map();

  constructor(identity, gateway) {
    super();
    this.#identity = identity;
    this.#gateway = gateway;
  }

  /** Follows what happens from now on. */
  async begin() {
    await this.repair();
    if (this.#following) return;
    this.#following = true;
    await follow(this.#gateway, `/v1/sse/approvers/${this.#identity.approverId}`, {
      open: () => this.#opened(),
      event: (event) => this.#happened(event),
      lost: (error) => this.#lost(error),
    });
    this.#following = false;
  }

  /** Reads again whom we are paired with. */
  async repair() {
    this.#keys.clear();
    for (const pairing of await pairings()) {
      this.#keys.set(pairing.enforcerId, await Promise.all(andOlder(pairing).map(async (each) =>
        ({ key: await sealKey(this.#identity, each.x25519PublicKey), pairing: each }))));
    }
    await Promise.all([...this.items.values()].filter((item) => item.closed)
      .map((item) => this.#take(item.raw)));
    this.#tell();
  }

  /** A machine paired this browser: what was said of others before is over. */
  paired() {
    this.over = {};
    return this.repair();
  }

  /** Forgets the pairings that the machine refused or ended, and says so. */
  async checkPairings() {
    const { changed, kept, unsaid, ...over } = await lookAtPairings(this.#gateway);
    const names = (all) => all.map(({ label }) => shown(String(label))).join(', ');
    [this.kept, this.unsaid] = [names(kept), names(unsaid)];
    for (const [what, all] of Object.entries(over)) {
      if (all.length > 0) this.over[what] = names(all);
    }
    if (changed) await this.repair();
  }

  /** Groups of identical requests that wait, oldest first. */
  get groups() {
    const groups = new Map();
    for (const item of this.items.values()) {
      if (item.state === PENDING && (!isOver(item) || this.#isDisputed(item))) {
        groups.set(item.key, [...(groups.get(item.key) ?? []), item]);
      }
    }
    return [...groups.values()];
  }

  /** Tells whether it is over by the clock here, and not by the gateway's. */
  #isDisputed(item) {
    return isOver(item) && Date.parse(item.expiresAt) > Date.now() - this.#gateway.ahead;
  }

  /** What is wrong with the clock here, in words; null when nothing is. */
  get clock() {
    const { ahead } = this.#gateway;
    const disputed = [...this.items.values()].some((item) => item.state === PENDING && this.#isDisputed(item));
    if (Math.abs(ahead) <= SKEW && !disputed) return null;
    const way = ahead > 0 ? 'ahead of' : 'behind';
    return `The clock of this device is ${span(Math.abs(ahead) / 1000)} ${way} the gateway’s. `
      + (disputed ? 'What is over by it can only be rejected here: set the clock.' : 'Set it: times shown here are wrong.');
  }

  /** Asks what became of what is over by the clock here: nobody else may say it. */
  askAboutTime() {
    for (const item of this.items.values()) {
      if (item.state !== PENDING || !isOver(item) || item.wasAskedAbout) continue;
      item.wasAskedAbout = true;
      this.#ask(item).then(() => this.#tell());
    }
  }

  /** How many different commands came within a minute. */
  get rate() {
    const since = Date.now() - MINUTE;
    this.#arrivals = this.#arrivals.filter(({ at }) => at > since);
    return new Set(this.#arrivals.map(({ key }) => key)).size;
  }

  get isBurst() {
    return this.rate > BURST;
  }

  /** What stands against approving any of these, in words. */
  obstacle(group) {
    if (!this.isConnected) return 'No connection to the gateway';
    if (this.isBurst) return `${this.rate} commands within a minute: approve at the terminal, or wait`;
    if (!group.some((item) => this.items.get(item.requestId)?.state === PENDING)) return 'It is over';
    if (group.some((item) => !isOver(item))) return null;
    return group.some((item) => this.#isDisputed(item))
      ? 'Over by the clock of this device: it can only be rejected, until the clock is set' : 'Time is over';
  }

  async #opened() {
    // The stream tells what waits, and not what ended while nobody listened.
    const waiting = await this.#inbox();
    const before = [...this.items.values()].filter((item) => item.state === PENDING);
    this.isConnected = true;
    this.checkPairings().catch(() => {});
    this.#followed.forEach((followed) => { followed.read(); });
    await Promise.all(before.filter((item) => !waiting.has(item.requestId))
      .map((item) => this.#ask(item)));
    this.#tell();
  }

  async #inbox() {
    const ids = new Set();
    let cursor = '';
    do {
      const path = `/v1/approvers/${this.#identity.approverId}/inbox?limit=20&cursor=${cursor}`;
      const { body } = await this.#gateway.get(path);
      for (const item of body.items) {
        ids.add(item.requestId);
        await this.#take(item);
      }
      cursor = body.nextCursor ?? '';
    } while (cursor !== '' && ids.size < 200);
    return ids;
  }

  async #happened({ name, envelope }) {
    if (name === 'exchange.followup') {
      await this.#followed.get(envelope.body?.requestId)?.read();
      return;
    }
    if (name === 'approval.request') {
      await this.#take(envelope.body);
    } else {
      const item = this.items.get(envelope.body?.requestId);
      if (item?.state === PENDING) this.#end(item, envelope.body);
    }
    this.#tell();
  }

  #lost(error) {
    this.isConnected = false;
    this.needsCode = error?.needsCode ?? false;
    this.trouble = error?.isTooMuch ? error.message : null;
    this.#tell();
  }

  /** Takes an item of the inbox and opens it. */
  async #take(raw) {
    // The record of what a policy decided asks for nothing.
    if (raw?.metadata?.dndAudit === 'true') return;
    const id = String(raw.requestId);
    const known = this.items.get(id);
    if (known && known.state !== PENDING) return;
    if (known?.fields && known.artifactHash === raw.artifactHash) return;
    const item = await this.read(raw);
    if (!known) this.#arrivals.push({ at: Date.now(), key: item.key });
    this.items.set(id, item);
    if (!known) this.dispatchEvent(new CustomEvent('arrived', { detail: item }));
  }

  /** Opens an item, from wherever it came. */
  async read(raw) {
    const { fields, closed, from } = await this.#open(raw);
    const own = Date.parse(fields?.expiresAt);
    // A gateway may end it sooner than the plaintext says, and not later.
    const expiresAt = own < Date.parse(raw.expiresAt) ? fields.expiresAt : raw.expiresAt;
    return {
      requestId: String(raw.requestId),
      artifactHash: String(raw.artifactHash),
      createdAt: raw.createdAt,
      expiresAt,
      state: raw.state,
      label: from?.pairing.label,
      enforcerId: from?.pairing.enforcerId,
      passkey: from?.pairing.passkey,
      seal: from?.key,
      key: fields ? canonical(without(fields)) : raw.requestId,
      fields,
      closed,
      raw,
    };
  }

  /** Opens it by the newest pairing with its machine, or one before that still goes on. */
  async #open(raw) {
    let first;
    for (const from of this.#keys.get(raw.enforcerId) ?? [undefined]) {
      const opened = { ...await open(raw, from?.key), from };
      if (!opened.isAnothers) return opened;
      first ??= opened;
    }
    return first;
  }

  /** Follows an approved command; null for one that was not, or cannot be opened. */
  follow(item) {
    const key = item.seal;
    if (!['approve', 'allow'].includes(item.decision?.decision) || !item.fields || !key) return null;
    let followed = this.#followed.get(item.requestId);
    if (!followed) {
      followed = new Following(item, this.#identity, this.#gateway, key);
      this.#followed.set(item.requestId, followed);
    }
    followed.read();
    return followed;
  }

  async #ask(item) {
    try {
      const { body } = await this.#gateway.get(`/v1/exchanges/${item.requestId}`);
      if (body.state !== PENDING) this.#end(item, body);
    } catch (error) {
      if (error.status === 404) this.#end(item, { state: 'forgotten' });
    }
  }

  #end(item, { state, decision: made }) {
    // Both the answer and the event of one decision come.
    if (!this.items.has(item.requestId)) return;
    item.state = state;
    item.decision = made;
    item.endedAt = new Date().toISOString();
    this.settled.unshift(item);
    this.items.delete(item.requestId);
    this.#tell();
  }

  /** Tells whether approving it takes a touch: it says so, and that machine knows our passkey. */
  takesTouch(item) {
    return item.fields?.askTouch === true && item.passkey !== undefined;
  }

  /** Says why it can only be rejected here, in words; null where it can be approved. */
  unable(item) {
    if (!item.fields) return 'It cannot be read, so it can only be rejected';
    if (item.fields.needsTouch !== true || item.passkey !== undefined) return null;
    return 'Approving it takes a passkey, and this browser was paired without one: see This browser';
  }

  /** Decides about those of a group that were chosen, by the hash that was drawn. */
  async decide(group, word, reason, drawn, chosen = group) {
    const waiting = chosen.filter((item) => this.items.get(item.requestId)?.state === PENDING);
    // All of a group say the same, but for their names and times.
    if (group[0].artifactHash !== drawn) throw new Error('what is shown is not what was asked');
    for (const [sent, item] of waiting.entries()) {
      if (word === 'approve' && !item.fields) throw new Error('it cannot be read');
      if (item.fields && await hashOf(item.fields) !== item.artifactHash
        && item.raw.artifactHash !== item.artifactHash) {
        throw new Error('what is shown is not what was asked');
      }
      await this.#send(item, word, reason).catch((error) => {
        if (!(error instanceof NoTouch)) throw error;
        const rest = sent === 0 ? 'Nothing was decided' : `${sent} of ${waiting.length} were approved`;
        throw new NoTouch(`${error.message}. ${rest}`);
      });
    }
  }

  async #send(item, word, reason) {
    const signed = await decision(this.#identity, item.artifactHash, word);
    const touched = word === 'approve' && this.takesTouch(item)
      ? { assertion: await touch(item.passkey, signed) } : {};
    const body = { ...signed, ...touched, ...(reason ? { reason } : {}) };
    const envelope = {
      msgId: `msg-${randomText(16)}`,
      msgType: 'decision.submit',
      requestId: item.requestId,
      createdAt: new Date().toISOString(),
      sender: { approverId: this.#identity.approverId },
      body,
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        // The same bytes again: a gateway that took them before says so.
        await this.#gateway.post('/v1/decisions', envelope);
        this.#end(item, { state: 'decided', decision: body });
        return;
      } catch (error) {
        if ([404, 409, 410].includes(error.status)) {
          await this.#ask(item);
          throw new Error('It was decided or withdrawn before');
        }
        const passing = error instanceof CallError && (error.isSilence || error.status >= 500);
        if (!passing || attempt >= ATTEMPTS) throw error;
        await new Promise((resolve) => { setTimeout(resolve, 300 * attempt); });
      }
    }
  }

  /** Says that a person was shown it: for whoever waits, and decides nothing. */
  seen(group) {
    for (const item of group) {
      if (item.wasSeen || item.state !== PENDING) continue;
      item.wasSeen = true;
      this.#gateway.post(`/v1/exchanges/${item.requestId}/seen`, {}).catch(() => {});
    }
  }

  /** Leaves a denial of what comes for a while, then rejects what waits and it is for. */
  async stop(item, reach) {
    const denial = denialOf(reach, item, `dnd-${randomText(16)}`, Date.now());
    const undenied = await this.#gateway.post('/v1/policy/dnd', denial).then(() => null, (error) => error);
    const same = [...this.items.values()].filter((other) => other.state === PENDING && covers(reach, item, other));
    for (const other of same) {
      // One that was decided in the meantime is no reason to leave the others.
      await this.#send(other, 'reject', reasonOf(reach)).catch(() => {});
    }
    // What waits is rejected all the same; that more may come is said.
    if (undenied) throw undenied;
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}

function isOver(item) {
  return Date.parse(item.expiresAt) <= Date.now();
}

function without(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !VOLATILE.includes(key)));
}
