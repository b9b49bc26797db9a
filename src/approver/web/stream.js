// Hears at once what happens: server-sent events, read from a fetch so that the bearer
// can go with it.

import { tooMuch } from './gateway.js';

const SHORTEST = 500;
const LONGEST = 10_000;
/** The gateway says something every 15 seconds; one that does not is gone. */
const SILENCE = 40_000;
/** More is no event of a gateway: one has a request, of a MiB at most. In characters. */
const LARGEST = 4 << 20;

/**
 * Follows the events at a path for ever. `on.open` when a stream begins, `on.event` for
 * each event, `on.lost` when there is none.
 */
export async function follow(gateway, path, on) {
  let wait = SHORTEST;
  for (;;) {
    const stop = new AbortController();
    // At any moment of it, also while an event is being looked at.
    const offline = () => stop.abort();
    window.addEventListener('offline', offline);
    try {
      const answer = await gateway.stream(path, stop.signal);
      wait = SHORTEST;
      await on.open();
      await events(answer.body, stop, on.event);
      on.lost(null);
    } catch (error) {
      on.lost(error);
      if (error.needsCode) return;
      wait = Math.max(wait, (error.retryAfter ?? 0) * 1000);
    } finally {
      window.removeEventListener('offline', offline);
    }
    stop.abort();
    await pause(wait);
    wait = Math.min(wait * 2, LONGEST);
  }
}

/** Waits, and no longer than until the network is said to be back. */
function pause(milliseconds) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener('online', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    window.addEventListener('online', end);
  });
}

async function events(body, stop, on) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const silence = setTimeout(() => stop.abort(), SILENCE);
    let piece;
    try {
      piece = await reader.read();
    } finally {
      clearTimeout(silence);
    }
    if (piece.done) return;
    const whole = (rest + piece.value).split(/\r?\n\r?\n/);
    rest = whole.pop();
    if (rest.length > LARGEST) throw tooMuch('an event', LARGEST);
    for (const block of whole) {
      const event = parsed(block);
      if (event) await on(event);
    }
  }
}

function parsed(block) {
  const field = (name) => block.split(/\r?\n/)
    .filter((line) => line.startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).replace(/^ /, ''));
  const [name] = field('event');
  const data = field('data').join('\n');
  if (!name || name === 'ping' || !data) return null;
  try {
    return { name, envelope: JSON.parse(data) };
  } catch {
    return null;
  }
}
