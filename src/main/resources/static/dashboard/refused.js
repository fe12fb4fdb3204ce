import {CLASSES} from './classes.js';
import {byId, element, hide, plainName, text, write} from './dom.js';
import {duration, has, number, t} from './words.js';

// Whom the sidecar turned away in the last hour, by reason, and what to do about each reason.

const COLUMNS = ['class', 'model', 'n', 'n'];

/** The reasons with most refusals first, each with its rows. */
function byReason(refused) {
  const groups = new Map();
  for (const one of refused) {
    const group = groups.get(one.reason) ?? {reason: one.reason, count: 0, rows: []};
    group.count += one.count;
    group.rows.push(one);
    groups.set(one.reason, group);
  }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

const words = (kind, reason) => t(has(`${kind}-${reason}`) ? `${kind}-${reason}` : `${kind}-other`, {reason});

function makeGroup(reason) {
  const group = element('section', 'reason');
  group.dataset.reason = reason;
  const head = element('div', 'head');
  head.append(element('h3', '', words('reason', reason)), element('p', 'reason-count'));
  const scroll = element('div', 'scroll');
  const table = element('table');
  const names = element('tr');
  for (const [className, key] of [['class', 'class'], ['model', 'model'], ['n', 'times'], ['n', 'last-time']]) {
    const cell = element('th', className === 'n' ? 'n' : '', t(key));
    cell.scope = 'col';
    names.append(cell);
  }
  table.append(element('thead'), element('tbody'));
  table.tHead.append(names);
  scroll.append(table);
  group.append(head, element('p', 'advice', words('advice', reason)), scroll);
  return group;
}

function makeRow() {
  const row = element('tr');
  for (const className of COLUMNS) row.append(element('td', className));
  row.cells[0].append(element('span', 'swatch'), element('span'));
  return row;
}

function fillGroup(group, {count, rows}) {
  text(group.querySelector('.reason-count'), t('refused-times', {n: number(count)}));
  const body = group.querySelector('tbody');
  while (body.rows.length > rows.length) body.deleteRow(-1);
  rows.forEach((one, i) => {
    if (i >= body.rows.length) body.append(makeRow());
    const row = body.rows[i];
    const [name, model, times, latest] = row.cells;
    if (CLASSES.includes(one.priority)) row.dataset.class = one.priority;
    text(name.lastChild, CLASSES.includes(one.priority) ? t(one.priority) : '–');
    text(model, one.model === 'other' ? t('other-models') : plainName(one.model));
    model.title = model.textContent;
    text(times, number(one.count));
    text(latest, t('ago', {time: duration(one.last_seconds)}));
  });
}

export function showRefused({refused = []}) {
  const groups = byReason(refused);
  const box = byId('reasons');
  const there = new Map([...box.children].map(each => [each.dataset.reason, each]));
  for (const [reason, each] of there) if (!groups.some(group => group.reason === reason)) each.remove();
  groups.forEach((group, i) => {
    const each = there.get(group.reason) ?? makeGroup(group.reason);
    if (box.children[i] !== each) box.insertBefore(each, box.children[i] ?? null);
    fillGroup(each, group);
  });
  const all = groups.reduce((sum, {count}) => sum + count, 0);
  write('refused-count', number(all));
  hide(byId('refused-empty'), all > 0);
  write('refused-caption', t('refused-caption', {n: number(all)}));
}
