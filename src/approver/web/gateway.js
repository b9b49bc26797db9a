// Calls of the gateway. It carries what is sealed and signed, and is not trusted with more.
//
// The bearer lives in this module's memory. After a reload, or when it is too old, this
// browser proves again that it holds the key that was let in, and gets another.

import { proof } from './keys.js';

/** A call that was refused, or got no answer. */
export class CallError extends Error {
  constructor(message, { status = 0, code = '', retryAfter = 0 } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** Nobody answered: nothing is known about what became of the call. */
  get isSilence() {
    return this.status === 0;
  }

  /** It sent more than it can have to say. */
  get isTooMuch() {
    return this.code === 'too_much';
  }

  /** This browser has to be let in with a code. */
  get needsCode() {
    return this.code === 'unknown_browser';
  }
}

const LONGEST = 30_000;
/** More is no answer of a gateway: a page of an inbox has four MiB at most. */
const LARGEST = 8 << 20;
/** A clock is told to the second, and on the way. */
const NEAR = 3000;

export class Gateway {
  /** By how many milliseconds the clock here was ahead of the gateway's when it last said. */
  ahead = 0;
  #identity;
  #bearer = null;
  #returning = null;

  constructor(identity) {
    this.#identity = identity;
  }

  /** Comes in with the code that was printed. */
  async enter(code, label) {
    const signed = await proof(this.#identity, code);
    const welcome = await this.#send('POST', '/v1/page/enter', { code, label, ...signed });
    this.#bearer = welcome.bearer;
    return welcome;
  }

  /** Comes back with the key; several who want to do it once. */
  comeBack() {
    this.#returning ??= this.#comeBack().finally(() => { this.#returning = null; });
    return this.#returning;
  }

  async #comeBack() {
    const { challenge } = await this.#send('POST', '/v1/page/challenge', {});
    const signed = await proof(this.#identity, challenge);
    const welcome = await this.#send('POST', '/v1/page/return', { challenge, ...signed });
    this.#bearer = welcome.bearer;
    return welcome;
  }

  get(path) {
    return this.#call('GET', path);
  }

  post(path, body) {
    return this.#call('POST', path, body);
  }

  /** Opens a stream of events; the answer's body is one. */
  async stream(path, signal) {
    return this.#withBearer(() => this.#fetch('GET', path, undefined, signal));
  }

  async #call(method, path, body) {
    const answer = await this.#withBearer(() => this.#fetch(method, path, body));
    return read(answer);
  }

  async #withBearer(call) {
    const used = this.#bearer;
    try {
      if (used === null) throw new CallError('no bearer yet', { status: 401 });
      return await call();
    } catch (error) {
      if (error.status !== 401) throw error;
      // Somebody else may have come back in the meantime.
      if (this.#bearer === used) await this.comeBack();
      return call();
    }
  }

  async #send(method, path, body) {
    return read(await this.#fetch(method, path, body));
  }

  async #fetch(method, path, body, signal = AbortSignal.timeout(LONGEST)) {
    const headers = { 'x-airlock-page': '1' };
    if (this.#bearer !== null) headers.authorization = `Bearer ${this.#bearer}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    let answer;
    try {
      answer = await fetch(path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        signal,
      });
    } catch (error) {
      throw new CallError(`the gateway does not answer (${error.name})`);
    }
    const there = Date.parse(answer.headers.get('date'));
    const ahead = Date.now() - there;
    if (Number.isFinite(there)) this.ahead = Math.abs(ahead) < NEAR ? 0 : ahead;
    if (answer.ok) return answer;
    throw await refusal(answer);
  }
}

async function read(answer) {
  if (answer.status === 204) return null;
  const text = await whole(answer);
  try {
    return JSON.parse(text);
  } catch {
    throw new CallError('the answer was cut off');
  }
}

/** The gateway sent something of more than that. */
export function tooMuch(what, bytes) {
  return new CallError(`the gateway sent ${what} of more than ${bytes >> 20} MiB`, { code: 'too_much' });
}

/** Reads an answer to its end, and no more of it than an answer has. */
async function whole(answer) {
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  for (;;) {
    const { done, value } = await reader.read()
      .catch(() => { throw new CallError('the answer was cut off'); });
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > LARGEST) {
      reader.cancel().catch(() => {});
      throw tooMuch('an answer', LARGEST);
    }
    text += decoder.decode(value, { stream: true });
  }
}

async function refusal(answer) {
  const told = await read(answer).catch(() => null);
  const retryAfter = Number(answer.headers.get('retry-after')) || 0;
  const { code = '', message = `status ${answer.status}` } = told?.body ?? {};
  return new CallError(String(message), { status: answer.status, code: String(code), retryAfter });
}
