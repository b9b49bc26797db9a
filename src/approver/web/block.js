// A block of text with a gutter: every line is marked, and every wrap is.
//
// The text is wrapped here, at the width of the block, and not by the browser: so a
// payload never stands at the start of a line without a mark of ours before it.

import { counted, make } from './element.js';

/** Lines of one block that are drawn at its start and at its end. */
const HEAD = 60;
const TAIL = 20;
/** Rows that are laid out together; those out of sight cost little. */
const TOGETHER = 200;
const NARROWEST = 16;

/** Everything but ASCII counts as two columns, which no font exceeds. */
const wide = (character) => (character <= '~' ? 1 : 2);

export class Block {
  #lines;
  #all = false;
  #columns = 0;
  #onchange;

  constructor(name, lines, onchange) {
    this.#lines = lines;
    this.#onchange = onchange;
    this.element = make(`div.block.${name}`, { dir: 'ltr', translate: false });
  }

  /** Lines that are not drawn. */
  get hidden() {
    const more = this.#lines.length - HEAD - TAIL - 1;
    return this.#all || more <= 0 ? 0 : more + 1;
  }

  /** Draws it for the width it has; tells whether anything changed. */
  draw() {
    const columns = this.#measure();
    if (columns === this.#columns) return false;
    this.#columns = columns;
    this.#fill();
    return true;
  }

  #measure() {
    const probe = make('span.probe', '0'.repeat(50));
    this.element.append(probe);
    const width = probe.getBoundingClientRect().width / 50;
    probe.remove();
    const style = getComputedStyle(this.element);
    const inner = this.element.clientWidth - Number.parseFloat(style.paddingLeft)
      - Number.parseFloat(style.paddingRight);
    const marks = this.#lines.reduce((most, line) => Math.max(most, line.mark.length), 1);
    this.element.style.setProperty('--marks', `${marks}ch`);
    // The gutter, and one column that keeps the browser from wrapping by itself.
    return Math.max(NARROWEST, Math.floor(inner / (width || 8)) - marks - 3);
  }

  #fill() {
    const shown = this.#lines;
    if (this.hidden === 0) {
      this.element.replaceChildren(...this.#chunks(shown));
      return;
    }
    const words = `Not shown here: ${counted(this.hidden, 'line')}. Show all ${shown.length}`;
    const more = make('button.more', { type: 'button', onclick: () => this.#showAll() }, words);
    this.element.replaceChildren(
      ...this.#chunks(shown.slice(0, HEAD)), more, ...this.#chunks(shown.slice(-TAIL)));
  }

  #showAll() {
    this.#all = true;
    this.#fill();
    this.#onchange();
  }

  #chunks(lines) {
    const rows = lines.flatMap((line) => wrapped(line, this.#columns));
    const chunks = [];
    for (let at = 0; at < rows.length; at += TOGETHER) {
      const some = rows.slice(at, at + TOGETHER);
      const chunk = make('div.rows', some.map(row));
      chunk.style.setProperty('--rows', some.length);
      chunks.push(chunk);
    }
    return chunks;
  }
}

function row({ mark, spans }) {
  const text = spans.map((span) => (
    span.tone === 'payload' ? span.text : make(`span.${span.tone}`, span.text)));
  return make('div.row', make('span.mark', { 'aria-hidden': 'true' }, mark), make('span.text', text));
}

/** Breaks a line into rows of so many columns; the marks say so. */
function wrapped({ mark, spans }, columns) {
  const rows = [];
  let current = [];
  let used = 0;
  const end = () => {
    rows.push({ mark: rows.length === 0 ? mark : '↪', spans: current });
    current = [];
    used = 0;
  };
  for (const span of spans) {
    let text = '';
    for (const character of span.text) {
      const width = wide(character);
      if (used + width > columns) {
        if (text !== '') current.push({ text, tone: span.tone });
        text = '';
        end();
      }
      text += character;
      used += width;
    }
    if (text !== '') current.push({ text, tone: span.tone });
  }
  if (rows.length === 0 || current.length > 0) end();
  return rows;
}
