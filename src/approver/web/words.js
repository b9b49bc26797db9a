// Splits a command line into words as a POSIX shell does; null when it cannot be.

export function split(line) {
  const words = [];
  let word = null;
  let index = 0;
  const take = (text) => { word = (word ?? '') + text; };
  while (index < line.length) {
    const sign = line[index];
    index += 1;
    if (/[ \t\n]/.test(sign)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (sign === '\\') {
      if (index >= line.length) return null;
      if (line[index] !== '\n') take(line[index]);
      index += 1;
    } else if (sign === "'") {
      const end = line.indexOf("'", index);
      if (end < 0) return null;
      take(line.slice(index, end));
      index = end + 1;
    } else if (sign === '"') {
      let text = '';
      for (;;) {
        if (index >= line.length) return null;
        const inner = line[index];
        index += 1;
        if (inner === '"') break;
        if (inner !== '\\') {
          text += inner;
          continue;
        }
        const next = line[index];
        index += 1;
        if (next === undefined) return null;
        if ('$`"\\'.includes(next)) text += next;
        else if (next !== '\n') text += `\\${next}`;
      }
      take(text);
    } else if (sign === '#' && word === null) {
      const end = line.indexOf('\n', index);
      index = end < 0 ? line.length : end;
    } else {
      take(sign);
    }
  }
  if (word !== null) words.push(word);
  return words;
}
