// The buttons below a card: approve, reject, change it.

import { button, make } from './element.js';
import { NoTouch } from './passkey.js';

const READY = ['Not now', 'Too broad: narrow it down', 'Use a branch', 'Run the tests first',
  'Tell me first what this is for'];
/** The longest reason that is sent, in characters: 2,000 bytes at most. */
const LONGEST = 500;
/** It was another number; it may be typed again. */
const AGAIN = Symbol('again');

/**
 * Makes the buttons. `decide(word, reason)` sends; each of `stops` rejects everything from
 * there, and what comes. Nothing is approved unless the arming accepts the press. Where there is
 * `numbered`, the second press also takes the number that stands where the command waits:
 * it returns whose that is. `touched` says that approving takes the
 * passkey, `unable` why nobody can approve it here.
 */
export function answers({ arming, caption, unable, danger, numbered, touched, decide, stops }) {
  /** What is dangerous takes two presses, the second after the wait has begun anew. */
  let asked = false;
  const status = make('p.status', { role: 'status' });
  const why = make('p.why', { id: `why-${crypto.randomUUID()}` });
  const approve = button('', (event) => press(event), danger ? 'approve.danger' : 'approve');
  approve.setAttribute('aria-describedby', why.id);
  // Enter is what one presses without looking.
  approve.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.repeat) event.preventDefault();
  });
  const digits = make('input', { name: 'number', inputMode: 'numeric', maxLength: 2, size: 2,
    autocomplete: 'off', oninput: () => show() });
  const number = make('label.number', { hidden: true },
    make('span', 'The number in the terminal, where it waits'), digits);
  const panel = make('form.reasons', { hidden: true });
  const reject = button('Reject', () => toggle('reject'), 'reject');
  const change = button('Change it…', () => toggle('change'), 'plain');
  const all = [approve, reject, change];

  let mode = null;
  const field = make('textarea', { rows: 2, maxLength: LONGEST, 'aria-label': 'Why' });
  const send = make('button.reject', { type: 'submit' }, 'Reject now');

  function toggle(next) {
    mode = mode === next ? null : next;
    panel.hidden = mode === null;
    reject.setAttribute('aria-expanded', String(mode === 'reject'));
    change.setAttribute('aria-expanded', String(mode === 'change'));
    if (mode === null) return;
    const isChange = mode === 'change';
    panel.dataset.mode = mode;
    field.placeholder = isChange ? 'What to do instead' : 'Why not (the agent reads it)';
    field.setAttribute('aria-label', field.placeholder);
    send.textContent = isChange ? 'Reject, and say what to do' : 'Reject now';
    field.required = isChange;
    field.focus();
  }

  panel.addEventListener('submit', (event) => {
    event.preventDefault();
    const words = field.value.trim();
    if (mode === 'change' && words === '') return;
    run(() => decide('reject', mode === 'change' ? `do this instead: ${words}` : words || null));
  });
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') toggle(mode);
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) panel.requestSubmit();
  });
  const ready = READY.map((words) => button(words, () => run(() => decide('reject', words)), 'chip'));
  panel.append(
    make('div.ready', { role: 'group', 'aria-label': 'Ready reasons' }, ready),
    field,
    make('div.send', send, stops.map((stop) => button(stop.words, () => run(stop.run), 'chip.stop'))),
  );

  function press(event) {
    if (unable || !arming.accepts(event) || lacksNumber()) {
      arming.disturb();
      return;
    }
    if (danger && !asked) {
      asked = true;
      arming.disturb();
      if (numbered) digits.focus();
      return;
    }
    run(() => (numbered ? approveNumbered(digits.value) : decide('approve', null)),
      touched ? 'Use your passkey now…' : 'Sending…');
  }

  const lacksNumber = () => numbered && asked && !/^\d\d$/.test(digits.value);

  async function approveNumbered(typed) {
    const chosen = await numbered(typed);
    digits.value = '';
    if (chosen.length === 0) return AGAIN;
    return decide('approve', null, chosen);
  }

  let busy = false;
  async function run(task, meanwhile = 'Sending…') {
    if (busy) return;
    busy = true;
    show();
    status.textContent = meanwhile;
    let isAgain = false;
    try {
      isAgain = await task() === AGAIN;
      status.textContent = isAgain ? 'Another number stands there. Nothing was decided.' : '';
    } catch (error) {
      status.textContent = error instanceof NoTouch ? `${error.message}.`
        : `${error.message}. Nothing is known to have been decided.`;
    } finally {
      busy = false;
      asked = isAgain;
      arming.disturb();
      show();
    }
    if (isAgain) digits.focus();
  }

  function obstacles() {
    if (unable) return unable;
    return lacksNumber() ? 'Type the two digits first. Where none are shown, see This browser' : arming.obstacle;
  }

  function show() {
    const obstacle = obstacles();
    number.hidden = !numbered || !asked;
    if (number.hidden) digits.value = '';
    approve.textContent = caption(asked);
    approve.setAttribute('aria-disabled', String(busy || obstacle !== null));
    approve.classList.toggle('inert', !unable && obstacle === 'One moment');
    // A moment passes by itself and would only flicker.
    why.textContent = obstacle === 'One moment' ? '' : obstacle ?? '';
    all.slice(1).forEach((each) => { each.disabled = busy; });
  }

  arming.addEventListener('change', show);
  show();
  const bar = make('div.answers', panel, number, why, status, make('div.buttons', reject, change, approve));
  return {
    element: bar,
    show,
    open: toggle,
    /** Something changed: what was asked has to be asked again. */
    forget() {
      asked = false;
      show();
    },
  };
}
