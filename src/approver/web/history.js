// What was asked before, and what became of it.

import { Card } from './card.js';
import { shown } from './display.js';
import { button, fill, make, moment } from './element.js';
import { outcome as draw } from './outcome.js';

const WORDS = {
  approve: 'approved', reject: 'rejected', allow: 'approved', deny: 'rejected',
  expired: 'nobody decided in time', withdrawn: 'withdrawn by who asked',
  cancelled: 'the pairing ended', forgotten: 'the gateway knows it no more',
};
const ONCE = 20;

export class History {
  #desk;
  #gateway;
  #path;
  #list = make('ol.history');
  #more = button('Show older', () => this.#load());
  #before = null;
  #status = make('p.status', { role: 'status' });

  constructor(desk, gateway, identity) {
    this.#desk = desk;
    this.#gateway = gateway;
    this.#path = `/v1/approvers/${identity.approverId}/history`;
    this.element = make('section.view', { 'aria-label': 'History' }, make('h1', 'History'),
      this.#list, this.#more, this.#status);
  }

  async open() {
    this.#before = null;
    this.#list.replaceChildren();
    await this.#load();
  }

  async #load() {
    try {
      const older = this.#before === null ? '' : `&before=${this.#before}`;
      const page = await this.#gateway.get(`${this.#path}?limit=${ONCE}${older}`);
      for (const raw of page.items) {
        const item = await this.#desk.read(raw);
        this.#list.append(entry({ ...item, decision: raw.decision, endedAt: raw.endedAt }, this.#desk));
      }
      this.#before = page.next ?? null;
      this.#more.hidden = this.#before === null;
      const none = this.#list.children.length === 0;
      this.#status.textContent = none ? 'Nothing was asked yet.' : '';
    } catch (error) {
      this.#status.textContent = `${error.message}.`;
    }
  }
}

/** One line of what became of a request, which opens to its card. */
export function entry(item, desk) {
  const word = item.decision?.decision ?? item.state;
  const reason = item.decision?.reason;
  const command = item.fields?.commandText ?? `(cannot be read: ${item.closed})`;
  const body = make('div.body');
  const outcome = make(`span.outcome.${word === 'approve' || word === 'allow' ? 'good' : 'bad'}`,
    WORDS[word] ?? 'over');
  const following = desk.follow(item);
  const drawn = following ? draw(following) : null;
  const line = make('button.line', { type: 'button', 'aria-expanded': 'false', onclick: toggle },
    outcome, make('span.what', { dir: 'ltr', translate: false }, cut(shown(String(command)))),
    drawn?.words, make('span.when', moment(item.endedAt ?? item.createdAt)));
  let card = null;
  async function toggle() {
    const open = line.getAttribute('aria-expanded') === 'true';
    line.setAttribute('aria-expanded', String(!open));
    if (open) {
      card?.close();
      fill(body);
      return;
    }
    card = await Card.of([{ ...item, state: 'over' }], desk);
    const said = reason ? make('p.reason', 'Reason given: ', make('bdi', shown(String(reason)))) : null;
    fill(body, said, card.element);
    card.shown();
  }
  return make('li', { 'data-request': item.requestId }, line, drawn?.element, body);
}

function cut(text) {
  const all = Array.from(text);
  return all.length > 120 ? `${all.slice(0, 119).join('')}…` : text;
}
