// Lays out values of a plaintext as lines: a mark of ours, and spans of theirs.

import { spans } from './display.js';
import { counted } from './element.js';

const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

/** Makes lines of values; long words are shown by their digests, or whole. */
export class Layout {
  constructor(digests) {
    this.digests = digests;
  }

  payload(value, mark = '') {
    return { mark, spans: spans(text(value), this.digests) };
  }

  remark(words, mark = '') {
    return { mark, spans: [{ text: words, tone: 'remark' }] };
  }

  warning(words) {
    return { mark: '!', spans: [{ text: words, tone: 'warning' }] };
  }

  pair(name, value, between = ': ', mark = '·') {
    const sign = { text: between, tone: 'remark' };
    return { mark, spans: [...spans(name, this.digests), sign, ...spans(text(value), this.digests)] };
  }

  /** Text line by line, numbered when there is more than one. */
  lines(value, number = '') {
    if (typeof value !== 'string') return this.described(value);
    const pieces = value.split('\n');
    if (pieces.length === 1) {
      return [value === '' ? this.remark('(empty)', number) : this.payload(value, number)];
    }
    const mark = (index) => (number === '' ? `${index + 1}` : `${number}.${index + 1}`);
    return pieces.map((piece, index) => this.payload(piece, mark(index)));
  }

  /** `argv`: a number for each argument, from 0, and one for each line in it. */
  arguments(items, exact) {
    return items.flatMap((item, index) => {
      const hex = exact?.[index];
      const lines = this.lines(item, `${index}`);
      return hex === undefined ? lines : [...lines, ...this.bytes(hex)];
    });
  }

  /** Bytes that are not UTF-8, as pairs of digits. */
  bytes(value) {
    if (typeof value !== 'string') return this.described(value);
    const line = this.payload(value.match(/..?/gu)?.join(' ') ?? '', 'hex');
    line.spans.push({ text: ' (its exact bytes)', tone: 'remark' });
    return [line];
  }

  /** Files that will be executed: path, what is known of them, and their text. */
  files(value) {
    if (!Array.isArray(value)) return this.described(value);
    return value.flatMap((file) => {
      if (!isObject(file)) return this.described(file);
      const { path, preview, ...rest } = file;
      const facts = Object.entries(rest).map(([key, fact]) => this.pair(key, fact, ': ', ''));
      const named = path === undefined ? [] : [this.payload(path, '·')];
      return [...named, ...facts, ...this.preview(preview, file.size)];
    });
  }

  preview(shown, size) {
    if (shown === undefined) return [this.remark('its text was not told')];
    if (typeof shown !== 'string') return this.described(shown);
    const lines = this.lines(shown.replace(/\n$/, ''));
    if (lines.length === 1) lines[0].mark = '1';
    const told = new TextEncoder().encode(shown).length;
    const rest = typeof size === 'number' ? size - told : 0;
    return rest > 0 ? [...lines, this.warning(`not told: ${counted(rest, 'more byte')}`)] : lines;
  }

  /** Variables as `NAME=value`. */
  variables(value) {
    if (!Array.isArray(value)) return this.described(value);
    return value.map((item) => {
      if (typeof item?.name !== 'string' || typeof item.value !== 'string') {
        return this.payload(item, '·');
      }
      const hidden = item.redacted === true ? '=hidden by the sender: ' : '=';
      const line = this.pair(item.name, item.value, hidden);
      if (item.valueBytes !== undefined) {
        line.spans.push({ text: ' hex ', tone: 'remark' }, ...spans(text(item.valueBytes)));
      }
      return line;
    });
  }

  /** The words of a grant: which are fixed, and what the others stand for. */
  words(value) {
    if (!Array.isArray(value)) return this.described(value);
    return value.map((item, index) => {
      const mark = `${index}`;
      if (typeof item?.exactly === 'string') return this.payload(item.exactly, mark);
      if (item?.any === 'one word') return { ...this.warning('any one word that is no option'), mark };
      if (item?.any === 'further words') {
        return { ...this.warning('any further words that are no options'), mark };
      }
      return this.payload(item, mark);
    });
  }

  /** How many must approve, where one alone cannot. */
  approvals(value) {
    if (!Number.isInteger(value)) return this.described(value);
    return [this.remark(`needs ${value} approvals, each by another approver; yours is one of them`)];
  }

  listed(value) {
    return Array.isArray(value) ? value.map((item) => this.payload(item, '·')) : this.described(value);
  }

  /** The beginning of a list, and how much of it is missing. */
  some(value) {
    if (!Number.isInteger(value?.total) || !Array.isArray(value.shown)) return this.described(value);
    const lines = this.listed(value.shown);
    const more = value.total - value.shown.length;
    if (more > 0) lines.push(this.warning(`${more} of ${value.total} were not told`));
    if (more < 0) lines.push(this.warning(`the sender counts ${value.total}`));
    return lines;
  }

  /** Any value: objects by their keys, lists by number, the rest as JSON. */
  described(value) {
    if (value === null) return [this.remark('(unknown)')];
    if (typeof value === 'string') return this.lines(value);
    if (Array.isArray(value)) return value.map((item, index) => this.payload(item, `${index}`));
    if (isObject(value)) return Object.entries(value).map(([key, each]) => this.pair(key, each));
    return [this.payload(value)];
  }
}
