// What a reviewer should know before trusting the eyes.

import { oddities, shown } from './display.js';
import { split } from './words.js';

const LISTED = 12;
const PLACES = {
  commandText: 'the command', argv: 'argument', executable: 'the program', cwd: 'the directory',
  files: 'a file', environment: 'a variable', notes: 'a note', branch: 'the branch',
};

/**
 * What the enforcer says in its own words or quotes git in, which it cuts with a sign that
 * looks like dots.
 */
const CUT = ['whyAsked', 'notes', 'meaning', 'examples', 'git'];

function withoutCuts(key, value) {
  return CUT.includes(key) ? uncut(value) : value;
}

function uncut(value) {
  if (typeof value === 'string') return value.replaceAll('…', ' ');
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(uncut);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, uncut(inner)]));
}

/** What has one line as a rule. */
const SHORT = /^(the (command|directory|program|branch)|argument \d+)$/;

export const isGrant = (fields) => fields?.artifactType === 'command.grant';

/** Finds everything odd about a plaintext; each in one line of ours. */
export function oddOf(fields) {
  const found = contradictions(fields);
  for (const [key, value] of Object.entries(fields)) {
    collect(PLACES[key] ?? 'a field', withoutCuts(key, value), found);
    if (oddities(key).length > 0) found.push('the name of a field has odd characters');
  }
  const listed = [...new Set(found)];
  const more = listed.length - LISTED;
  return more > 0 ? [...listed.slice(0, LISTED), `and ${more} more like these`] : listed;
}

function collect(place, value, found) {
  if (typeof value === 'string') {
    // The lines of a file are numbered; those of a command may be meant to be overlooked.
    const odd = oddities(value).filter((oddity) => !/^has \d+ lines$/.test(oddity) || SHORT.test(place));
    found.push(...odd.map((oddity) => `${place} ${oddity}`));
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      collect(place === 'argument' ? `argument ${index}` : place, item, found);
    });
  } else if (value !== null && typeof value === 'object') {
    Object.values(value).forEach((item) => collect(place, item, found));
  }
}

/** Finds fields of one plaintext that do not say the same thing. */
function contradictions({ argv, argvBytes, commandText, executable }) {
  const found = [];
  if (!Array.isArray(argv) || !argv.every((word) => typeof word === 'string')) return found;
  if (typeof commandText === 'string' && argvBytes === undefined && !commandText.includes("$'")) {
    const words = split(commandText);
    const same = words?.length === argv.length && words.every((word, at) => word === argv[at]);
    if (!same) found.push('the command line does not say the same as the arguments');
  }
  const name = (path) => path.slice(path.lastIndexOf('/') + 1);
  if (argv.length > 0 && typeof executable === 'string' && name(argv[0]) !== name(executable)) {
    found.push('the program has another name than argument 0');
  }
  const stray = argvBytes !== null && typeof argvBytes === 'object'
    && Object.keys(argvBytes).some((index) => !(Number(index) < argv.length));
  if (stray) found.push('there are bytes for an argument that does not exist');
  return found;
}

/** Says in our own words what an approval of a grant means. */
export function grantOf(fields) {
  if (!isGrant(fields)) return [];
  const { uses } = fields;
  let runs = 'any number of times';
  if (Number.isInteger(uses)) runs = uses === 1 ? 'once more' : `${uses} times`;
  const until = new Date(fields.until);
  const when = Number.isNaN(until.getTime()) ? 'nobody knows when' : until.toLocaleString();
  return [
    'this is a GRANT: it is for LONGER THAN ONCE',
    `commands of these words run ${runs} until ${when} without asking you`,
  ];
}

/** Says why approving takes two presses; null when one will do. */
export function gravity(fields) {
  if (!fields) return null;
  if (isGrant(fields)) return 'for longer than once';
  // The sender says that some of its notes are about what is hard to undo.
  if (fields.askTwice === true) return 'hard to undo';
  const texts = Object.entries(fields).map(([key, value]) => [key, withoutCuts(key, value)]);
  return deceives(texts) ? 'it deceives the eye' : null;
}

/** Scripts have lines and blanks; nobody types the others. */
function deceives(value) {
  if (typeof value === 'string') return oddities(value).some((oddity) => !/^has \d+ (lines|blanks)/.test(oddity));
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).flat().some(deceives);
}

/** What makes it risky, in the sender's words. */
export function notesOf(fields) {
  const { notes } = fields;
  if (notes === undefined) return [];
  return Array.isArray(notes) ? notes.map((note) => shown(String(note))) : [shown(JSON.stringify(notes))];
}
