// The page: lets this browser in, then shows what waits.

import { Browser } from './browser.js';
import { Card } from './card.js';
import { shown } from './display.js';
import { button, fill, make } from './element.js';
import { Gateway } from './gateway.js';
import { Desk } from './desk.js';
import { History, entry } from './history.js';
import { fingerprint, missing } from './keys.js';
import { count, notify } from './notice.js';
import { Pairing, codeOf } from './pairing.js';
import { watchPairings } from './standing.js';
import { identity, pairings } from './vault.js';

const main = document.getElementById('main');
const link = document.getElementById('link');

function say(title, ...parts) {
  fill(main, make('section.view', make('h1', title), ...parts));
}

/** Takes what stands behind the # out of the address before anything else can see it. */
function fromAddress() {
  const text = window.location.hash.slice(1);
  if (text !== '') window.history.replaceState(null, '', '/');
  return { code: /^[\w-]{43}$/.test(text) ? text : null, pair: codeOf(`#${text}`) };
}

/** What this browser is called in lists, in words of ours. */
function label() {
  const said = navigator.userAgent;
  const of = (names) => names.find(([sign]) => said.includes(sign))?.[1];
  const program = of([['Firefox/', 'Firefox'], ['Edg/', 'Edge'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']]);
  const system = of([['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'],
    ['Mac OS', 'macOS'], ['Windows', 'Windows'], ['Linux', 'Linux']]);
  return `${program ?? 'a browser'} on ${system ?? 'something'}`;
}

function needsCode(words) {
  say('Let this browser in',
    make('p', words),
    make('p', 'Run this on the machine of the gateway, and open the address that it prints:'),
    make('p', make('code.command-line', 'airlock-exec approver web')),
    make('p.remark', 'The address lets one browser in, once. Whoever has it is let in, so show it to nobody.'));
}

async function start() {
  const { code, pair } = fromAddress();
  const lacking = await missing();
  if (lacking) {
    say('This browser cannot decide', make('p', lacking),
      make('p', 'Nothing was changed. The terminal can: ', make('code', 'airlock-exec approver')));
    return;
  }
  const self = await identity();
  const gateway = new Gateway(self);
  for (let wait = 500; ; wait = Math.min(wait * 2, 10_000)) {
    try {
      await (code ? gateway.enter(code, label()) : gateway.comeBack());
      break;
    } catch (error) {
      if (code && error.status === 401) {
        // A page that is loaded again finds its code used, and may be in already.
        const back = await gateway.comeBack().then(() => true, () => false);
        if (back) break;
        needsCode('The code of this address is wrong, was used before, or is too old.');
        return;
      }
      if (error.needsCode) {
        needsCode('This browser was not let in yet, or not for a long time.');
        return;
      }
      say('No answer', make('p', `${error.message}. Trying again…`));
      await new Promise((resolve) => { setTimeout(resolve, Math.max(wait, error.retryAfter * 1000)); });
    }
  }
  await run(self, gateway, pair);
}

/** Fills in the code of a machine's link, once the page works. */
let suggest = null;

async function run(self, gateway, pair) {
  const desk = new Desk(self, gateway);
  const print = await fingerprint(self);
  const queue = new Queue(desk);
  const pairing = new Pairing(self, gateway, print, async () => {
    await desk.paired();
    show('queue');
    watchPairings(async () => {
      await desk.checkPairings().catch(() => {});
      pairing.settle(desk);
    });
  });
  const views = {
    queue,
    history: new History(desk, gateway, self),
    pairing,
    browser: new Browser(self, gateway, desk, print),
  };
  const names = { queue: 'Waiting', history: 'History', pairing: 'Pair', browser: 'This browser' };
  const tabs = Object.entries(names).map(([name, words]) => {
    const tab = button(words, () => show(name), 'tab');
    tab.dataset.view = name;
    return tab;
  });
  document.getElementById('views').append(...tabs);
  let current = null;
  function show(name) {
    if (current === name) return;
    views[current]?.close?.();
    current = name;
    tabs.forEach((tab) => tab.setAttribute('aria-current', tab.dataset.view === name ? 'page' : 'false'));
    fill(main, views[name].element);
    views[name].open();
    main.focus({ preventScroll: true });
  }
  desk.addEventListener('change', () => {
    const waiting = desk.groups.length;
    count(waiting);
    tabs[0].textContent = waiting > 0 ? `Waiting (${waiting})` : 'Waiting';
    link.textContent = desk.isConnected ? 'connected' : 'no connection';
    link.className = desk.isConnected ? 'on' : 'off';
    if (desk.needsCode) needsCode('This browser was revoked, or its time is over.');
  });
  desk.addEventListener('arrived', () => notify(desk.groups.length));
  suggest = (suggested) => {
    pairing.suggest(suggested);
    show('pairing');
  };
  desk.begin();
  if (pair) suggest(pair);
  else show((await pairings()).length === 0 ? 'pairing' : 'queue');
}

/** What waits: a list, and the card of one. */
class Queue {
  #desk;
  #card = null;
  #chosen = null;
  #place = make('div.place');
  #list = make('ol.queue', { 'aria-label': 'What waits' });
  #recent = make('ol.history');
  #banner = make('div.banner', { role: 'alert', hidden: true });
  #drawing = Promise.resolve();

  constructor(desk) {
    this.#desk = desk;
    this.element = make('section.desk', { 'aria-label': 'Waiting' },
      make('h1.unseen', 'Waiting for you'), this.#banner, this.#list, this.#place,
      make('section.recent', { 'aria-label': 'Decided just now' }, this.#recent));
    desk.addEventListener('change', () => this.#update());
    setInterval(() => this.#tick(), 1000);
    document.addEventListener('keydown', (event) => this.#key(event));
  }

  open() {
    this.#card?.arming.disturb();
    this.#update();
  }

  #update() {
    this.#drawing = this.#drawing.then(() => this.#draw()).catch((error) => {
      fill(this.#banner, `The page failed to draw: ${error.message}. Reload it.`);
      this.#banner.hidden = false;
    });
  }

  async #draw() {
    const groups = this.#desk.groups;
    this.#say();
    const chosen = groups.find((group) => group[0].key === this.#chosen) ?? groups[0];
    this.#chosen = chosen?.[0].key ?? null;
    this.#list.hidden = groups.length < 2;
    fill(this.#list, groups.length < 2 ? [] : groups.map((group) => this.#line(group)));
    const recent = this.#desk.settled.slice(0, 5);
    if (this.#recent.children[0]?.dataset.request !== recent[0]?.requestId) {
      fill(this.#recent, recent.map((item) => entry(item, this.#desk)));
    }
    if (!chosen) {
      this.#card?.close();
      this.#card = null;
      const paired = (await pairings()).length > 0;
      fill(this.#place, nothing(paired));
      return;
    }
    const [first] = chosen;
    const isSame = this.#card?.element.dataset.request === first.requestId
      && this.#card.element.dataset.hash === first.artifactHash;
    if (isSame) {
      this.#card.regroup(chosen);
      return;
    }
    const card = await Card.of(chosen, this.#desk);
    this.#card?.close();
    this.#card = card;
    fill(this.#place, card.element);
    window.scrollTo({ top: 0 });
    card.shown();
  }

  #say() {
    const { isConnected, isBurst, rate, clock, trouble, unsaid, over } = this.#desk;
    const words = isBurst
      ? `${rate} different commands were asked within a minute. Nothing can be approved here until `
        + 'that ends; reject, or decide at the terminal: airlock-exec approver'
      : !isConnected ? `No connection to the gateway${trouble ? `: ${trouble}` : ''}. `
        + 'Nothing can be decided until it is back.'
        : standing(over, unsaid) || (clock ?? '');
    this.#banner.hidden = words === '';
    if (this.#banner.textContent !== words) this.#banner.textContent = words;
  }

  #line(group) {
    const [item] = group;
    const words = item.fields?.commandText ?? '(cannot be read)';
    const all = Array.from(shown(String(words)));
    const short = all.length > 80 ? `${all.slice(0, 79).join('')}…` : all.join('');
    const chosen = item.key === this.#chosen;
    return make('li', make('button.line', { type: 'button', 'aria-current': String(chosen),
      onclick: () => this.#choose(item.key) },
    make('span.what', { dir: 'ltr', translate: false }, short),
    group.length > 1 ? make('span.count', `${group.length}×`) : null));
  }

  #choose(key) {
    this.#chosen = key;
    this.#update();
  }

  #tick() {
    this.#card?.tick();
    if (this.element.isConnected) this.#card?.tellSeen();
    this.#card?.answers?.show();
    // What has expired is told by the gateway; until then it is only not shown.
    this.#desk.askAboutTime();
    if (this.#card && !this.#desk.groups.some((group) => group[0].key === this.#chosen)) this.#update();
    this.#say();
  }

  /** Keys go from one to the next, reject and change; none approves. */
  #key(event) {
    const typing = event.target.closest?.('input, textarea');
    if (typing || !this.element.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
    const groups = this.#desk.groups;
    const at = groups.findIndex((group) => group[0].key === this.#chosen);
    const go = (step) => {
      const next = groups[at + step];
      if (next) this.#choose(next[0].key);
    };
    if (event.key === 'j') go(1);
    else if (event.key === 'k') go(-1);
    else if (event.key === 'r') this.#card?.answers?.open('reject');
    else if (event.key === 'c') this.#card?.answers?.open('change');
    else return;
    event.preventDefault();
  }
}

/** Says how pairings stand, in the words of the terminal; nothing when they are kept. */
function standing({ refused, ended, goingOn }, unsaid) {
  const elsewhere = 'Its commands do not come here; see Pair.';
  return refused ? `${refused} refused the pairing. ${elsewhere}`
    : ended ? `${ended} ended the pairing. ${elsewhere}`
      : goingOn ? `${goingOn} refused the pairing: the one before goes on.`
        : unsaid && `${unsaid} has not said yet whether it keeps the pairing: compare the fingerprint there.`;
}

function nothing(paired) {
  return make('section.view.nothing',
    make('h2', paired ? 'Nothing waits' : 'Not paired yet'),
    make('p', paired ? 'A command that needs you appears here by itself.'
      : 'No machine asks this browser yet: see Pair.'),
    make('p.remark', 'Keys: ', make('kbd', 'j'), ' ', make('kbd', 'k'), ' next and previous, ',
      make('kbd', 'r'), ' reject, ', make('kbd', 'c'), ' change it. Approving takes the button.'));
}

// Another address, opened where the page is open already: a code lets it in from the start.
window.addEventListener('hashchange', () => {
  const suggested = suggest && codeOf(window.location.hash);
  if (!suggested) {
    window.location.reload();
    return;
  }
  fromAddress();
  suggest(suggested);
});

start().catch((error) => {
  say('The page does not work here', make('p', `${error.name}: ${error.message}`),
    make('p', 'A private window may keep no keys; try an ordinary one.'));
});
