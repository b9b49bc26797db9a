// What became of an approved command, as it happens.

import { fromBase64 } from './bytes.js';
import { shown, spans } from './display.js';
import { button, counted, fill, make, span } from './element.js';

const LINES = 200;
const LONGEST_LINE = 2000;

/** Draws what a following tells: a few words, and its output with a button that stops it. */
export function outcome(following) {
  const words = make('span.fate', { role: 'status' });
  const output = make('div.output', { dir: 'ltr', translate: false, hidden: true, tabIndex: 0,
    role: 'log', 'aria-label': 'Output' });
  const status = make('p.status', { role: 'status' });
  const watch = button('Watch', () => {
    following.watch().catch((error) => { status.textContent = `${error.message}.`; });
    watch.hidden = true;
    output.hidden = false;
  });
  const stop = button('Stop it', () => {
    status.textContent = 'Asked to stop…';
    following.stop().catch((error) => { status.textContent = `Not stopped: ${error.message}.`; });
  }, 'reject');
  const tools = make('div.tools', watch, stop);

  function show() {
    const { started, ended } = following;
    words.textContent = ended ? fate(ended) : started ? 'running' : '';
    tools.hidden = ended !== null || started === null;
    watch.hidden ||= started?.view === 'none';
    if (ended) status.textContent = ended.stopped ? 'Stopped from here.' : '';
    const last = ended && typeof ended.lastOutput === 'string' && following.output.length === 0
      ? [{ bytes: fromBase64(ended.lastOutput) }] : following.output;
    if (last.length > 0) {
      output.hidden = false;
      fill(output, lines(last, following.missing));
      output.scrollTop = output.scrollHeight;
    }
  }

  following.addEventListener('change', show);
  show();
  return { words, element: make('div.following', tools, output, status) };
}

function fate({ end, durationMs }) {
  const after = Number.isFinite(durationMs) ? ` after ${span(durationMs / 1000)}` : '';
  switch (end?.how) {
    case 'returned': return `ended with status ${Number(end.status)}${after}`;
    case 'killed': return `killed by signal ${Number(end.signal)}${after}`;
    case 'notStarted': return `did not start: ${shown(String(end.why))}`;
    default: return 'ended; nobody knows how';
  }
}

/** The end of what was written, line by line, escaped; colours are left out. */
function lines(output, missing) {
  const decoder = new TextDecoder();
  let text = '';
  for (const part of output) {
    text += part.bytes ? decoder.decode(part.bytes, { stream: true })
      : `\n(${counted(part.skipped, 'byte')} left out here)\n`;
  }
  // eslint-disable-next-line no-control-regex
  const all = text.replaceAll(/\u001b\[[0-9;]*m/g, '').replaceAll('\r\n', '\n').split('\n');
  const cut = all.length > LINES ? [`(${counted(all.length - LINES, 'line')} before these)`] : [];
  if (missing > 0) cut.unshift(`(${counted(missing, 'message')} missing here)`);
  return [
    ...cut.map((words) => make('div.remark', words)),
    ...all.slice(-LINES).map((line) => make('div', spans(line.slice(0, LONGEST_LINE)).map((each) => (
      each.tone === 'payload' ? each.text : make(`span.${each.tone}`, each.text))),
    line.length > LONGEST_LINE ? make('span.remark', `… ${line.length - LONGEST_LINE} more`) : null)),
  ];
}
