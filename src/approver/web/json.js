// JSON that means one thing only, and its canonical form (RFC 8785).

const DEEPEST = 32;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const BLANK = /[ \t\n\r]*/y;

/**
 * Reads JSON strictly: no key twice, no lone surrogate, no number that would be
 * rounded, no more than 32 levels.
 */
export function read(text) {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.blank();
  if (reader.at !== text.length) throw new SyntaxError('more than one JSON value');
  return value;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  blank() {
    this.token(BLANK);
  }

  token(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) throw new SyntaxError(`no JSON at ${this.at}`);
    this.at = pattern.lastIndex;
    return found[0];
  }

  /** Takes a sign if it stands here. */
  takes(sign) {
    this.blank();
    if (this.text[this.at] !== sign) return false;
    this.at += 1;
    return true;
  }

  needs(sign) {
    if (!this.takes(sign)) throw new SyntaxError(`no ${sign} at ${this.at}`);
  }

  value(depth) {
    if (depth > DEEPEST) throw new SyntaxError('too deep');
    this.blank();
    const first = this.text[this.at];
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    if (first === '"') return this.string();
    for (const [word, meaning] of [['true', true], ['false', false], ['null', null]]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return meaning;
      }
    }
    return this.number();
  }

  object(depth) {
    this.needs('{');
    // Without a prototype no name is special.
    const fields = Object.create(null);
    if (this.takes('}')) return fields;
    do {
      this.blank();
      const name = this.string();
      if (name in fields) throw new SyntaxError('a key stands twice');
      this.needs(':');
      fields[name] = this.value(depth + 1);
    } while (this.takes(','));
    this.needs('}');
    return fields;
  }

  array(depth) {
    this.needs('[');
    const items = [];
    if (this.takes(']')) return items;
    do items.push(this.value(depth + 1));
    while (this.takes(','));
    this.needs(']');
    return items;
  }

  string() {
    const text = JSON.parse(this.token(STRING));
    if (!text.isWellFormed()) throw new SyntaxError('half a character');
    return text;
  }

  number() {
    const written = this.token(NUMBER);
    const number = Number(written);
    const whole = /^-?\d+$/.test(written);
    if (!Number.isFinite(number) || (whole && !Number.isSafeInteger(number))) {
      throw new SyntaxError('a number that cannot be held');
    }
    return number;
  }
}

/** Writes the canonical form. RFC 8785 3.2: keys by UTF-16 units, numbers as ECMAScript. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const pair = (name) => `${JSON.stringify(name)}:${canonical(value[name])}`;
  return `{${Object.keys(value).sort().map(pair).join(',')}}`;
}
