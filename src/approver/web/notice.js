// Tells a person who looks elsewhere that something waits. It says how many and not
// what: a notification is read over shoulders and on locked screens.

import { button, make } from './element.js';

const NAME = 'Airlock';

/** Writes the number of what waits into the title. */
export function count(waiting) {
  document.title = waiting > 0 ? `(${waiting}) ${NAME}` : NAME;
}

/** Shows a notification where the user allowed it and looks elsewhere. */
export function notify(waiting) {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  if (document.hasFocus()) return;
  const words = waiting === 1 ? 'A command waits for you' : `${waiting} commands wait for you`;
  const shown = new Notification(NAME, { body: words, tag: 'airlock-exec' });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
}

/** The switch for notifications, in words that say how it stands. */
export function notices() {
  if (!('Notification' in window)) return make('p', 'This browser has no notifications.');
  const words = { granted: 'Notifications are on; this site’s settings turn them off.',
    denied: 'Notifications are off in this site’s settings.' };
  const said = words[Notification.permission];
  if (said) return make('p', said);
  const ask = button('Notify me when a command waits', async () => {
    const answer = await Notification.requestPermission();
    ask.replaceWith(make('p', words[answer] ?? 'Not now.'));
  });
  return make('p', ask);
}
