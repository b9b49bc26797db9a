// Draws a request so that nothing in it can deceive: their text stands in blocks with a
// gutter, everything else is ours.

import { answers } from './answer.js';
import { Arming } from './arming.js';
import { Block } from './block.js';
import { sha256 } from './bytes.js';
import { digestsOf, shown } from './display.js';
import { make, moment, span } from './element.js';
import { notTold, sections } from './fields.js';
import { mayAsk, numberOf } from './number.js';
import { captionOf, reachesOf } from './reach.js';
import { Layout } from './values.js';
import { asksNumber } from './vault.js';
import { grantOf, gravity, isGrant, notesOf, oddOf } from './warnings.js';

/** The card of a group of identical requests. */
export class Card {
  #group;
  #blocks = [];
  #desk;
  #watcher;
  #resized;
  #left = make('span.left');
  #count = make('span.count');

  /** Draws it; the words of a text that are too long are digested before. */
  static async of(group, desk) {
    const { fields } = group[0];
    const layout = new Layout(fields ? await digestsOf(fields, sha256) : new Map());
    // A touch of the passkey shows more than the number does.
    const isNumbered = mayAsk(fields) && !desk.takesTouch(group[0]) && await asksNumber();
    return new Card(group, desk, layout, isNumbered);
  }

  constructor(group, desk, layout, isNumbered) {
    this.#group = group;
    this.#desk = desk;
    const [item] = group;
    this.key = item.key;
    this.isOpen = group.some((each) => each.state === 'pendingApproval');
    this.arming = new Arming(() => desk.obstacle(this.#group));
    const notes = item.fields ? notesOf(item.fields) : [];
    const odd = item.fields ? oddOf(item.fields) : [`this request cannot be read: ${item.closed}`];
    const grave = gravity(item.fields);
    const isHard = grave === 'hard to undo';
    this.end = make('div.end', { 'aria-hidden': 'true' }, 'end of the command');
    this.answers = this.isOpen ? this.#answers(grave, isNumbered) : null;
    const title = `title-${item.requestId}`;
    this.element = make('article.card', { tabIndex: -1, 'aria-labelledby': title },
      this.#head(item, title),
      notice('danger', 'Longer than once', item.fields ? grantOf(item.fields) : []),
      notice(isHard ? 'danger' : 'note', isHard ? 'Hard to undo' : 'Notes', notes),
      notice('odd', 'Look out', odd),
      item.fields ? this.#command(item.fields, layout) : null,
      this.end,
      item.fields ? this.#rest(item, layout) : envelope(item),
      this.answers?.element,
    );
    this.element.classList.toggle('dangerous', grave !== null);
    this.element.dataset.hash = item.artifactHash;
    this.element.dataset.request = item.requestId;
  }

  /** Begins to work once it is in the page. */
  shown() {
    this.#blocks.forEach((block) => block.draw());
    this.#resized = new ResizeObserver(() => {
      const changed = this.#blocks.filter((block) => block.draw());
      if (changed.length > 0) this.arming.disturb();
    });
    this.#resized.observe(this.element);
    this.#watch();
    this.arming.disturb();
    this.tellSeen();
  }

  /** Tells once that somebody is there to see it. */
  tellSeen() {
    if (this.isOpen && document.hasFocus()) this.#desk.seen(this.#group);
  }

  #watch() {
    // What the buttons cover is not on the screen.
    const covered = this.answers?.element.offsetHeight ?? 0;
    this.#watcher?.disconnect();
    this.#watcher = new IntersectionObserver((entries) => {
      const hidden = this.#blocks.some((block) => block.element.dataset.must && block.hidden > 0);
      if (entries.some((entry) => entry.isIntersecting) && !hidden) this.arming.sawEnd();
    }, { rootMargin: `0px 0px -${covered}px 0px` });
    this.#watcher.observe(this.end);
  }

  /** Takes another group of the same requests; a change begins the wait anew. */
  regroup(group) {
    const ids = (of) => of.map((item) => item.requestId).join();
    const isOther = ids(group) !== ids(this.#group);
    this.#group = group;
    this.tick();
    this.tellSeen();
    if (isOther) {
      this.arming.disturb();
      this.answers?.forget();
    }
  }

  /** Says how much time is left. */
  tick() {
    const until = Math.min(...this.#group.map((item) => Date.parse(item.expiresAt)));
    const seconds = (until - Date.now()) / 1000;
    this.#left.textContent = seconds > 0 ? `${span(seconds)} left` : 'time is over';
    this.#left.classList.toggle('soon', seconds < 60);
    this.#count.textContent = this.#group.length > 1 ? `${this.#group.length} identical` : '';
  }

  close() {
    this.arming.end();
    this.#watcher?.disconnect();
    this.#resized?.disconnect();
  }

  #head(item, title) {
    const grant = isGrant(item.fields);
    const who = item.fields?.agent ? shown(String(item.fields.agent)) : 'A command';
    const where = item.fields?.host ?? item.label;
    const words = grant ? 'asks for a standing permission' : 'wants to run';
    this.tick();
    return make('header',
      make('h2', { id: title }, make('bdi', who), ` ${words}`),
      make('p.where', 'on ', make('bdi', shown(String(where ?? 'a machine nobody knows'))),
        this.#count, this.#left),
    );
  }

  #block(name, lines, must = false) {
    const block = new Block(name, lines, () => {
      if (must) this.arming.growEnd();
      else this.arming.disturb();
      this.#watch();
    });
    if (must) block.element.dataset.must = 'yes';
    this.#blocks.push(block);
    return block.element;
  }

  #command(fields, layout) {
    const { commandText, argv, argvBytes } = fields;
    const text = commandText === undefined
      ? [layout.warning('the command was not told')] : layout.lines(commandText);
    const list = Array.isArray(argv) ? layout.arguments(argv, argvBytes) : [];
    const label = isGrant(fields) ? 'What it says' : 'The command';
    return make('section.command', { 'aria-label': label },
      this.#block('text', text, true),
      list.length > 1 || argvBytes !== undefined
        ? make('div.arguments', make('h3', 'Argument by argument'), this.#block('list', list, true))
        : null);
  }

  #rest(item, layout) {
    const missing = notTold(item.fields);
    const made = sections(item.fields, layout).map(({ title, rows }) => make('section.facts',
      make('h3', title),
      make('dl', rows.map(({ label, lines }) => make('div',
        make('dt', label), make('dd', this.#block('value', lines)))))));
    const untold = missing.length === 0 ? null
      : make('p.untold', `Not told: ${missing.join(', ')}`);
    return make('div.rest', untold, made, envelope(item));
  }

  /** Those of the group that have this number where they wait. */
  async #numbered(typed) {
    const group = this.#group;
    const numbers = await Promise.all(group.map((item) => numberOf(item.fields)));
    return group.filter((_, index) => numbers[index] === typed);
  }

  #answers(grave, isNumbered) {
    const item = this.#group[0];
    const words = isGrant(item.fields) ? 'Grant' : 'Approve';
    const count = () => (this.#group.length > 1 ? ` (${this.#group.length})` : '');
    return answers({
      arming: this.arming,
      caption: (asked) => (asked ? `Press again: ${grave}` : `${words}${grave ? '…' : ''}`) + count(),
      numbered: isNumbered ? (typed) => this.#numbered(typed) : null,
      touched: this.#desk.takesTouch(item),
      unable: this.#desk.unable(item),
      danger: grave !== null,
      // What was drawn is what is signed: the hash of this card and no other.
      decide: (word, reason, chosen = this.#group) =>
        this.#desk.decide(this.#group, word, reason, this.element.dataset.hash, chosen),
      stops: reachesOf(item).map((reach) => ({
        words: captionOf(reach), run: () => this.#desk.stop(item, reach),
      })),
    });
  }
}

function notice(kind, title, lines) {
  if (lines.length === 0) return null;
  return make(`section.notice.${kind}`, { 'aria-label': title },
    make('h3', title), make('ul', { dir: 'ltr', translate: false },
      lines.map((line) => make('li', line))));
}

function envelope(item) {
  const rows = [
    ['asked by', `${shown(item.label ?? '(nobody this browser is paired with)')} (its own words)`],
    ['asked at', moment(item.createdAt)],
    ['expires', moment(item.expiresAt)],
    ['request', item.requestId],
    ['hash', item.artifactHash],
  ];
  return make('section.facts.envelope', make('h3', 'The request'), make('dl', rows.map(([label, text]) =>
    make('div', make('dt', label), make('dd', { dir: 'ltr', translate: false }, text)))));
}
