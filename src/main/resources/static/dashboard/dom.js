// Small helpers over the page. All text goes through textContent: model names come from callers.

export const byId = id => document.getElementById(id);

export function write(id, value) {
  const element = byId(id);
  const text = String(value ?? '–');
  if (element.textContent !== text) element.textContent = text;
}

/** A name that a caller chose, without what could hide or reorder the words around it. */
export const plainName = name => name?.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd') ?? '–';

export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// A share of 0 to 1, as a custom property that the style sheet turns into a length.
export function share(element, value, of) {
  const part = of > 0 && value > 0 ? Math.min(value / of, 1) : 0;
  element.style.setProperty('--share', String(part));
}

export function tone(element, name) {
  if (element.dataset.tone !== name) element.dataset.tone = name;
}

export function hide(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

// Keeps the rows that are there, so that a selection or the place of a screen reader survives the next second.
export function rows(body, items, make, fill) {
  while (body.rows.length > items.length) body.deleteRow(-1);
  items.forEach((item, i) => {
    if (i >= body.rows.length) body.append(make());
    fill(body.rows[i], item, i);
  });
}

export function text(cell, value) {
  if (cell.textContent !== value) cell.textContent = value;
}
