// Follows a command after its approval: how it goes on, and a say in that.
//
// What the enforcer tells is sealed for us and bound to its place: the gateway can drop
// a message, and that it did is seen by the numbers. An order is signed with the key that
// decided. Extensions of ours: docs/harp.md.

import { fromBase64, fromUtf8, randomText, toUtf8 } from './bytes.js';
import { read } from './json.js';
import { order } from './keys.js';
import { seal, unseal } from './seal.js';

const WATCH_AGAIN = 20_000;

/** One command that was approved here. */
export class Following extends EventTarget {
  /** What it wrote, as bytes; how it ended, when it did. */
  output = [];
  ended = null;
  started = null;
  missing = 0;
  #item;
  #identity;
  #gateway;
  #key;
  #last = 0;
  #ordered = 0;
  #reading = null;
  #again = false;
  #timer = 0;

  constructor(item, identity, gateway, key) {
    super();
    this.#item = item;
    this.#identity = identity;
    this.#gateway = gateway;
    this.#key = key;
  }

  /** Reads what is new; called again meanwhile, it reads once more. */
  read() {
    this.#again = true;
    this.#reading ??= this.#readAll().catch(() => {}).finally(() => { this.#reading = null; });
    return this.#reading;
  }

  async #readAll() {
    while (this.#again) {
      this.#again = false;
      const path = `/v1/exchanges/${this.#item.requestId}/follow-ups?after=${this.#last}&timeout=0`;
      const page = await this.#gateway.get(path);
      const items = page?.body?.items ?? [];
      for (const item of items) await this.#take(item);
      if (items.length > 0) this.#again = true;
      this.dispatchEvent(new Event('change'));
    }
  }

  async #take({ seq, ciphertext }) {
    if (!Number.isSafeInteger(seq) || seq <= this.#last) return;
    this.missing += seq - this.#last - 1;
    this.#last = seq;
    let told;
    try {
      told = read(fromUtf8(await unseal(ciphertext, this.#key, this.#place('enforcer', seq))));
    } catch {
      this.missing += 1;
      return;
    }
    if (told.kind === 'started') this.started = told;
    if (told.kind === 'output') this.#wrote(told);
    if (told.kind === 'ended') {
      this.ended = told;
      clearInterval(this.#timer);
    }
  }

  #wrote({ data, skipped }) {
    if (skipped > 0) this.output.push({ skipped });
    this.output.push({ bytes: fromBase64(String(data)) });
    // What is kept of it has a bound, and it is said where it was cut.
    if (this.output.length > 64) this.output.splice(0, 16, { skipped: 'some' });
  }

  #place(side, seq) {
    const { requestId, artifactHash } = this.#item;
    return toUtf8(`airlock-exec follow 1|${side}|${requestId}|${artifactHash}|${seq}`);
  }

  /**
   * Asks for what it writes as it is written; said again while it is looked at. One that
   * fails is no reason not to say it again, unless the gateway says that it is over.
   */
  watch() {
    const ask = () => this.#order('watch').catch((error) => {
      if ([404, 409, 410].includes(error.status)) clearInterval(this.#timer);
    });
    clearInterval(this.#timer);
    this.#timer = setInterval(ask, WATCH_AGAIN);
    return ask();
  }

  unwatch() {
    clearInterval(this.#timer);
    if (this.ended === null) this.#order('unwatch').catch(() => {});
  }

  stop() {
    return this.#order('stop');
  }

  async #order(word) {
    const { requestId, artifactHash } = this.#item;
    const seq = Math.max(Date.now(), this.#ordered + 1);
    this.#ordered = seq;
    const signed = await order(this.#identity, word, requestId, artifactHash, seq);
    const ciphertext = await seal(toUtf8(JSON.stringify(signed)), this.#key, this.#place('approver', seq));
    await this.#gateway.post(`/v1/exchanges/${requestId}/controls`, {
      msgId: `msg-${randomText(16)}`,
      msgType: 'control.submit',
      requestId,
      createdAt: new Date().toISOString(),
      sender: { approverId: this.#identity.approverId },
      body: { artifactHash, seq, ciphertext },
    });
  }
}
