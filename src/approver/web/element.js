// Makes elements. Text is only ever text: nothing here reads markup.

/** Makes an element: `make('p.remark', { hidden: true }, 'some', child)`. */
export function make(name, ...parts) {
  const [tag, ...classes] = name.split('.');
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(' ');
  const [first] = parts;
  const has = first !== null && first?.constructor === Object;
  if (has) for (const [key, value] of Object.entries(first)) set(element, key, value);
  element.append(...(has ? parts.slice(1) : parts).flat().filter((part) => part != null));
  return element;
}

function set(element, key, value) {
  if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
  else if (key in element && !key.includes('-')) element[key] = value;
  else if (value !== null && value !== false) element.setAttribute(key, value);
}

export const button = (words, onclick, look = 'plain') =>
  make(`button.${look}`, { type: 'button', onclick }, words);

/** Puts children in the place of those that are there, if they are others. */
export function fill(element, ...children) {
  const wanted = children.flat().filter((child) => child != null);
  const same = wanted.length === element.childNodes.length
    && wanted.every((child, index) => child === element.childNodes[index]);
  if (!same) element.replaceChildren(...wanted);
}

/** A moment as this browser's user writes it. */
export function moment(text) {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? 'at no time' : at.toLocaleString();
}

/** A number and what it counts, which gets an `s` unless there is one. */
export const counted = (number, what) => (number === 1 ? `1 ${what}` : `${number} ${what}s`);

/** A number of seconds in its largest units. */
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}
