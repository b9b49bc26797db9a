// Which field of a plaintext stands where on a card, in the order a reviewer reads.

import { isGrant } from './warnings.js';

/** Field, our name for it, how it is laid out. */
const SECTIONS = [
  ['Commit or push', 'git', []],
  ['What is granted', 'open', [
    ['meaning', 'meaning', 'lines'], ['pattern', 'words', 'words'], ['uses', 'runs', 'described'],
    ['until', 'until', 'lines'], ['place', 'place', 'described'], ['session', 'session', 'described'],
    ['examples', 'examples', 'listed']]],
  ['Where and by whom', 'open', [
    ['approvalsNeeded', 'approvals', 'approvals'], ['whyAsked', 'why asked', 'lines'], ['cwd', 'directory', 'lines'], ['cwdBytes', 'its bytes', 'bytes'],
    ['executable', 'program', 'lines'], ['executableBytes', 'its bytes', 'bytes'],
    ['shell', 'shell', 'described'], ['agent', 'agent', 'described'], ['user', 'user', 'lines'],
    ['host', 'host', 'lines'], ['interception', 'came by', 'lines'],
    ['workspace', 'workspace', 'lines'], ['repoName', 'repository', 'lines'],
    ['branch', 'branch', 'lines'], ['baseRevision', 'revision', 'lines']]],
  ['Files that will run', 'open', [['files', 'files', 'files']]],
  ['Its input', 'open', [['stdin', 'input', 'described'], ['stdinPreview', 'text', 'lines']]],
  ['Variables that matter', 'open', [['environment', 'variables', 'variables']]],
  ['Fingerprints and origin', 'open', [
    ['executableSha256', 'program', 'lines'], ['environmentSha256', 'variables', 'lines'],
    ['stdinSha256', 'input', 'lines'], ['stdinSize', 'input bytes', 'described'],
    ['machine', 'machine', 'lines'], ['enforcer', 'install', 'lines'],
    ['sessionId', 'session', 'lines'], ['repoRef', 'repository', 'lines'],
    ['bootClock', 'clock', 'described'], ['source', 'sent by', 'lines']]],
];

/** What a hook of git told, in the order a reviewer reads it. */
const GIT = [
  ['what', 'this is', 'lines'], ['refs', 'moves', 'some'], ['remote', 'remote', 'lines'],
  ['url', 'address', 'lines'], ['message', 'message', 'lines'], ['messageSize', 'bytes', 'described'],
  ['author', 'author', 'lines'], ['committer', 'committer', 'lines'], ['size', 'changes', 'lines'],
  ['changes', 'files', 'some'], ['commits', 'commits', 'some'], ['lost', 'lost', 'some'],
  ['startedBy', 'typed', 'lines'], ['repository', 'work tree', 'lines'],
  ['branch', 'on branch', 'lines'], ['head', 'at', 'lines'], ['tree', 'tree', 'lines'],
  ['parents', 'parents', 'listed'],
];

/** Shown elsewhere on the card, or compared with the envelope. */
const ELSEWHERE = ['commandText', 'argv', 'argvBytes', 'notes', 'git', 'requestId', 'createdAt',
  'expiresAt'];

/** Fields whose usual value says nothing; any other value is shown. */
const USUAL = {
  artifactType: ['command.review', 'command.grant'],
  actionType: ['terminal_command', 'standing_permission'],
  artifactHashAlg: ['SHA-256'],
  askTwice: [true, false],
  askTouch: [true, false],
  needsTouch: [true, false],
};

const EXPECTED = { argv: 'the arguments', executable: 'which program file', cwd: 'the directory',
  stdin: 'what is its input', user: 'the user', host: 'the host' };
const EXPECTED_OF_GRANT = { pattern: 'which commands', uses: 'how many runs', until: 'until when',
  place: 'where', executableSha256: 'which program file', user: 'the user', host: 'the host' };

/** Makes the sections of a card below the command: a title, and rows. */
export function sections(fields, layout) {
  const row = (source) => ([key, label, how]) => {
    if (!(key in source)) return [];
    const lines = layout[how](source[key]);
    // An empty list says nothing, and that it is empty is said by its absence.
    return lines.length === 0 ? [] : [{ label, lines }];
  };
  const made = SECTIONS.map(([title, kind, rows]) => ({
    title,
    rows: kind === 'git' ? ofGit(fields.git, layout, row) : rows.flatMap(row(fields)),
  }));
  made.push({ title: 'Also told', rows: unknown(fields, layout) });
  return made.filter((section) => section.rows.length > 0);
}

function ofGit(told, layout, row) {
  if (told === undefined) return [];
  if (told === null || typeof told !== 'object') return [{ label: 'git', lines: layout.described(told) }];
  const known = GIT.flatMap(row(told));
  const names = GIT.map(([key]) => key);
  const rest = Object.entries(told).filter(([key]) => !names.includes(key));
  return [...known, ...rest.map(([key, value]) => other(key, value, layout))];
}

function other(key, value, layout) {
  return { label: 'field', lines: [layout.payload(key, '·'), ...layout.described(value)] };
}

function unknown(fields, layout) {
  const known = SECTIONS.flatMap(([, , rows]) => rows.map(([key]) => key));
  return Object.entries(fields)
    .filter(([key]) => !known.includes(key) && !ELSEWHERE.includes(key))
    .filter(([key, value]) => !isUsual(key, value))
    .map(([key, value]) => other(key, value, layout));
}

function isUsual(key, value) {
  if (key === 'extensions') {
    // Captions of buttons; the choices are ours, so they are not shown.
    return value !== null && typeof value === 'object'
      && Object.keys(value).every((name) => name === 'org.harp.requestedActions');
  }
  return USUAL[key]?.includes(value) ?? false;
}

/** Names what a reviewer is usually told and is not told here. */
export function notTold(fields) {
  const expected = isGrant(fields) ? EXPECTED_OF_GRANT : EXPECTED;
  return Object.entries(expected).filter(([key]) => !(key in fields)).map(([, words]) => words);
}
