import {areNamed} from './clients.js';
import {CLASSES} from './classes.js';
import {byId, element, hide, plainName, rows, text, tone, write} from './dom.js';
import {duration, millis, number, t} from './words.js';

// The queue: a lane for each class with those who wait in it, each at its turn, and the same as a table.

const FIRST = 5;
const COLUMNS = ['rank', 'class', 'model', 'n', 'n'];

/** The lanes, from top to bottom. A lane has a name, a class, and the requests that wait in it. */
const lanesOf = ({queue, waits}) => CLASSES.map(name => ({
  key: name, name: t(name), priority: name, waiting: queue.per_priority[name], waits: waits[name],
  holds: one => one.priority === name
}));

function makeLane(key) {
  const lane = element('div', 'lane');
  lane.dataset.class = key;
  const head = element('p', 'lane-head');
  head.append(element('span', 'swatch'), element('span', 'lane-name'), element('b', 'lane-count'));
  head.lastChild.id = `${key}-count`;
  const facts = element('p', 'soft lane-facts');
  facts.append(element('span', 'lane-age'), element('span', 'lane-wait'));
  facts.firstChild.id = `${key}-age`;
  facts.lastChild.id = `${key}-wait`;
  lane.append(head, element('div', 'lane-cells'), facts);
  lane.children[1].setAttribute('aria-hidden', 'true');
  return lane;
}

/** A cell for each request in the order of all turns; a lane shows only its own, at their places. */
function fillCells(box, line, holds, later, longest) {
  const cells = box.children;
  const mine = line.map((one, i) => ({one, i})).filter(({one}) => holds(one));
  const wanted = mine.length + (later > 0 ? 1 : 0);
  while (cells.length > wanted) box.lastChild.remove();
  while (cells.length < wanted) box.append(element('span'));
  box.style.setProperty('--places', String(Math.max(20, longest + 4)));
  mine.forEach(({one, i}, k) => {
    cells[k].className = i === 0 ? 'cell first' : 'cell';
    cells[k].style.setProperty('--place', String(i + 1));
    cells[k].title = `${number(i + 1)} · ${plainName(one.model)}`;
    text(cells[k], '');
  });
  if (later === 0) return;
  const last = cells[wanted - 1];
  last.className = 'lane-later soft';
  last.style.setProperty('--place', String(Math.max(20, longest + 4) - 3));
  text(last, t('plus', {n: number(later)}));
}

function showLanes(snapshot) {
  const {line, queue} = snapshot;
  const box = byId('lanes');
  const lanes = lanesOf(snapshot);
  if (box.children.length !== lanes.length) box.replaceChildren(...lanes.map(({key}) => makeLane(key)));
  lanes.forEach(({key, name, waiting, waits, holds}, i) => {
    const lane = box.children[i];
    text(lane.querySelector('.lane-name'), name);
    write(`${key}-count`, number(waiting));
    fillCells(lane.children[1], line, holds, waiting - line.filter(holds).length, line.length);
    write(`${key}-age`, waiting > 0 ? t('wait-age', {age: millis(waits.ms_oldest)}) : t('nobody'));
    write(`${key}-wait`, waits.granted > 0 ? t('wait-pair', {mean: millis(waits.ms_avg), max: millis(waits.ms_max)}) : t('no-wait'));
  });
  write('queued', number(queue.current_size));
  write('queue-max', number(queue.max_size));
  tone(byId('queue-fill'), snapshot.condition.causes.some(({code}) => code === 'queue_nearly_full') ? 'warn' : 'plain');
  for (const id of ['low-note', 'queue-low-note']) write(id, t('low-note', {time: duration(queue.low_timeout_seconds)}));
}

function makeRow(columns) {
  const row = element('tr');
  for (const className of columns) row.append(element('td', className));
  row.cells[1].append(element('span', 'swatch'), element('span'));
  return row;
}

function fillRow(row, one, i) {
  const [rank, name, model, age, start, tries, reason, deadline, client] = row.cells;
  text(rank, number(i + 1));
  row.dataset.class = one.priority;
  text(name.lastChild, t(one.priority));
  text(model, plainName(one.model));
  model.title = model.textContent; // where there is no room for all of it
  text(age, duration(one.age_seconds));
  text(start, one.start_seconds < 0.1 ? t('now') : duration(one.start_seconds));
  if (tries) text(tries, number(one.tries));
  if (reason) text(reason, t(`for-${one.waits_for}`));
  if (deadline) text(deadline, duration(one.deadline_seconds));
  if (client) text(client, one.client);
}

export function showQueue(snapshot) {
  const {line, queue} = snapshot;
  const n = Math.max(queue.current_size, line.length);
  showLanes(snapshot);
  write('queue-count', number(queue.current_size));
  rows(byId('first-rows'), line.slice(0, FIRST), () => makeRow(COLUMNS), fillRow);
  rows(byId('queue-rows'), line, () => makeRow([...COLUMNS, 'n', 'for', 'n', 'of-client']), fillRow);
  byId('queue').classList.toggle('anonymous', !areNamed(snapshot.clients ?? []));
  for (const id of ['first-empty', 'queue-empty']) hide(byId(id), line.length > 0);
  write('queue-caption', line.length < n ? t('queue-caption', {shown: number(line.length), n: number(n)}) : t('queue-all', {n: number(n)}));
}
