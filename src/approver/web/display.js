// Makes untrusted text safe to show: the same rules as src/display, held together by
// tests/page/display.json. What could change the reading order, hide itself or pass for
// something else is written visibly; two different texts are never shown alike.

import { MEANS, SEEMS, has } from './confusables.js';

/** Blanks in a row that are still shown as they are. */
const BLANKS_SHOWN = 8;
/** Words of more characters are collapsed. */
export const LONG_WORD = 400;
const NAMED = new Map([['\n', '\\n'], ['\r', '\\r'], ['\t', '\\t'], ['\b', '\\b'], ['\\', '\\\\']]);
const BIDIRECTIONAL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const CONTROL = /\p{Cc}/u;
const INVISIBLE = new RegExp('['
  + '\\u2800\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}'
  + '\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2060-\\u206f'
  + '\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufff8\\u{1bca0}-\\u{1bca3}'
  + '\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}]', 'u');
const BLANK = /\p{Zs}/u;
const PLAIN = /^[!-[\]-~]*$/;

/** Returns what is wrong with a character: control, bidirectional, invisible, or null. */
function hazard(character) {
  if (character >= ' ' && character <= '~') return null;
  if (BIDIRECTIONAL.test(character)) return 'bidirectional';
  if (CONTROL.test(character)) return 'control';
  if (INVISIBLE.test(character) || BLANK.test(character)) return 'invisible';
  return null;
}

const codeOf = (character) => character.codePointAt(0).toString(16).toUpperCase();

/** Returns the escape of a character, null when it is shown as it is. */
function sign(character, brackets) {
  const named = NAMED.get(character);
  if (named) return named;
  if (character < ' ' || character === '\u007f') {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  }
  const ours = character === '␠' || (brackets && (character === '⟨' || character === '⟩'));
  return ours || hazard(character) ? `\\u{${codeOf(character)}}` : null;
}

class Spans {
  list = [];

  add(text, tone) {
    if (text === '') return;
    const last = this.list.at(-1);
    if (last?.tone === tone) last.text += text;
    else this.list.push({ text, tone });
  }

  character(character, brackets) {
    const escape = sign(character, brackets);
    if (escape === null) this.add(character, 'payload');
    else this.add(escape, 'escape');
  }
}

/**
 * Shows a text as spans: its readable parts, and its escapes.
 *
 * With `digests`, words that are too long are shown by both ends, their length and
 * their SHA-256, which were computed before: see `digestsOf`.
 */
export function spans(text, digests = null) {
  const out = new Spans();
  const pieces = text.match(/ +|[\n\r\t]|[^ \n\r\t]+/g) ?? [];
  pieces.forEach((piece, index) => {
    if (piece[0] !== ' ') {
      word(piece, digests, out);
    } else if (piece.length > BLANKS_SHOWN) {
      // Nine blanks before a 5 are not ninety-five.
      const digit = /^[0-9]/.test(pieces[index + 1] ?? '');
      out.add(`␠×${piece.length}${digit ? '␠' : ''}`, 'escape');
    } else {
      out.add(piece, 'payload');
    }
  });
  return edges(out.list);
}

function word(text, digests, out) {
  if (digests === null) {
    if (PLAIN.test(text)) out.add(text, 'payload');
    else for (const character of text) out.character(character, false);
    return;
  }
  const digest = digests.get(text);
  if (digest === undefined) {
    if (PLAIN.test(text)) out.add(text, 'payload');
    else for (const character of text) out.character(character, true);
    return;
  }
  const all = Array.from(text);
  const half = LONG_WORD / 2;
  all.slice(0, half).forEach((character) => out.character(character, true));
  out.add(`⟨… ${digest.bytes} bytes, SHA-256 ${digest.hex} …⟩`, 'hidden');
  all.slice(all.length - half).forEach((character) => out.character(character, true));
}

/** Shows blanks at either end, where they could not be seen. */
function edges(list) {
  const blanks = (count) => ({ text: '␠'.repeat(count), tone: 'escape' });
  const trim = (at, pattern) => {
    const span = list.at(at);
    if (span?.tone !== 'payload') return 0;
    const kept = span.text.replace(pattern, '');
    const count = span.text.length - kept.length;
    span.text = kept;
    if (kept === '') list.splice(at, 1);
    return count;
  };
  const leading = trim(0, /^ +/);
  const trailing = trim(-1, / +$/);
  if (leading > 0) list.unshift(blanks(leading));
  if (trailing > 0) list.push(blanks(trailing));
  return list;
}

/** Finds the words in a value that are too long, and digests them. */
export async function digestsOf(value, sha256) {
  const words = new Set();
  const collect = (part) => {
    if (typeof part === 'string') {
      if (part.length <= LONG_WORD) return;
      for (const found of part.match(/[^ \n\r\t]+/g) ?? []) {
        if (found.length > LONG_WORD && Array.from(found).length > LONG_WORD) words.add(found);
      }
    } else if (part !== null && typeof part === 'object') {
      Object.entries(part).flat().forEach(collect);
    }
  };
  collect(value);
  const encoder = new TextEncoder();
  const digests = new Map();
  for (const found of words) {
    const bytes = encoder.encode(found);
    digests.set(found, { bytes: bytes.length, hex: await sha256(bytes) });
  }
  return digests;
}

/** Shows a text as one line of text. */
export const shown = (text) => spans(text).map((span) => span.text).join('');

/** Says what a reviewer should know about a text before trusting the eyes. */
export function oddities(text) {
  const found = { control: new Set(), bidirectional: new Set(), invisible: new Set() };
  for (const [character] of text.matchAll(/[^ -~\n\t]/gu)) {
    const kind = hazard(character);
    if (kind) found[kind].add(character);
  }
  const said = [];
  const list = (set, words) => { if (set.size > 0) said.push(`${words}: ${points([...set])}`); };
  list(found.control, 'has control characters');
  list(found.bidirectional, 'has characters that change the reading order');
  list(found.invisible, 'has invisible characters');
  const lines = text.split('\n').length;
  if (lines > 1) said.push(`has ${lines} lines`);
  const blank = (text.match(/ {9,}/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  if (blank > 0) said.push(`has ${blank} blanks in a row`);
  const words = oddWords(text);
  const odd = (test, what) => {
    const those = words.filter(test);
    if (those.length > 0) said.push(`${what}: ${named(those)}`);
  };
  odd(isMixed, 'mixes scripts in one word');
  odd(looksLikeAscii, 'has letters that look like others');
  return said;
}

const LISTED = 8;

function andMore(list, count) {
  const more = count - list.length;
  return more > 0 ? `${list.join(', ')} and ${more} more` : list.join(', ');
}

function points(characters) {
  const listed = characters.slice(0, LISTED).map((each) => `U+${codeOf(each).padStart(4, '0')}`);
  return andMore(listed, characters.length);
}

function named(words) {
  const one = (text) => {
    const odd = [...new Set(Array.from(text).filter((character) => character > '~'))];
    const all = Array.from(text);
    const short = all.length > 40 ? `${all.slice(0, 40).join('')}… (${all.length} characters)` : text;
    return `${shown(short)} (${points(odd)})`;
  };
  return andMore(words.slice(0, LISTED).map(one), words.length);
}

/** Words end at ASCII punctuation and blanks, and at what is escaped anyway. */
function oddWords(text) {
  // eslint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return [];
  const words = new Set();
  for (const [part] of text.matchAll(/[0-9A-Za-z\u0080-\u{10ffff}]+/gu)) {
    let current = '';
    for (const character of part) {
      if (hazard(character)) {
        words.add(current);
        current = '';
      } else {
        current += character;
      }
    }
    words.add(current);
  }
  // eslint-disable-next-line no-control-regex
  return [...words].filter((word) => /[^\x00-\x7f]/.test(word));
}

let scripts;

/** The scripts a character is used in; null for those of all. */
function scriptsOf(character) {
  if (/[\p{scx=Common}\p{scx=Inherited}]/u.test(character)) return null;
  scripts ??= SCRIPTS.split(' ').flatMap((name) => {
    try {
      return [[name, new RegExp(`\\p{scx=${name}}`, 'u')]];
    } catch {
      return [];
    }
  });
  const found = new Set(scripts.filter(([, test]) => test.test(character)).map(([name]) => name));
  // UTS 39 5.1: scripts that are written together.
  const joined = { Hani: ['Hanb', 'Jpan', 'Kore'], Hira: ['Jpan'], Kana: ['Jpan'], Hang: ['Kore'],
    Bopo: ['Hanb'] };
  for (const [script, sets] of Object.entries(joined)) {
    if (found.has(script)) sets.forEach((set) => found.add(set));
  }
  return found;
}

function resolved(text) {
  let all = null;
  for (const character of text) {
    const those = scriptsOf(character);
    if (those !== null) all = all === null ? those : new Set([...all].filter((one) => those.has(one)));
  }
  return all;
}

/** UTS 39 5.1. Latin beside Chinese, Japanese or Korean cannot be confused. */
function isMixed(text) {
  const all = resolved(text);
  if (all === null || all.size > 0) return false;
  // eslint-disable-next-line no-control-regex
  const rest = resolved(text.replaceAll(/[\x00-\x7f]/g, ''));
  return rest !== null && !['Hanb', 'Jpan', 'Kore'].some((set) => rest.has(set));
}

/** UTS 39 4: it would be taken for letters, digits or signs that mean something. */
function looksLikeAscii(text) {
  const characters = Array.from(text.normalize('NFD')).filter((character) => character > '~');
  return Array.from(text).some((character) => character > '~' && has(MEANS, character))
    && characters.every((character) => has(SEEMS, character));
}

const SCRIPTS = 'Adlm Aghb Ahom Arab Armi Armn Avst Bali Bamu Bass Batk Beng Bhks Bopo Brah Brai '
  + 'Bugi Buhd Cakm Cans Cari Cham Cher Chrs Copt Cpmn Cprt Cyrl Deva Diak Dogr Dsrt Dupl Egyp Elba '
  + 'Elym Ethi Gara Geor Glag Gong Gonm Goth Gran Grek Gujr Gukh Guru Hang Hani Hano Hatr Hebr Hira '
  + 'Hluw Hmng Hmnp Hung Ital Java Kali Kana Kawi Khar Khmr Khoj Kits Knda Krai Kthi Lana Laoo Latn '
  + 'Lepc Limb Lina Linb Lisu Lyci Lydi Mahj Maka Mand Mani Marc Medf Mend Merc Mero Mlym Modi Mong '
  + 'Mroo Mtei Mult Mymr Nagm Nand Narb Nbat Newa Nkoo Nshu Ogam Olck Onao Orkh Orya Osge Osma Ougr '
  + 'Palm Pauc Perm Phag Phli Phlp Phnx Plrd Prti Rjng Rohg Runr Samr Sarb Saur Sgnw Shaw Shrd Sidd '
  + 'Sind Sinh Sogd Sogo Sora Soyo Sund Sunu Sylo Syrc Tagb Takr Tale Talu Taml Tang Tavt Telu Tfng '
  + 'Tglg Thaa Thai Tibt Tirh Tnsa Todr Toto Tutg Ugar Vaii Vith Wara Wcho Xpeo Xsux Yezi Yiii Zanb';
