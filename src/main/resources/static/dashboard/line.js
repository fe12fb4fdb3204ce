import {byId, element, hide, plainName, rows, text, write} from './dom.js';
import {duration, number, t} from './words.js';

const FIRST = 5;

function makeRow(columns) {
  const row = element('tr');
  for (const className of columns) row.append(element('td', className));
  return row;
}

function fillRow(row, one, i) {
  const [rank, name, model, age, start, tries, reason] = row.cells;
  text(rank, number(i + 1));
  name.dataset.class = one.priority;
  text(name, t(one.priority));
  text(model, plainName(one.model));
  model.title = model.textContent; // where there is no room for all of it
  text(age, duration(one.age_seconds));
  text(start, one.start_seconds < 0.1 ? t('now') : duration(one.start_seconds));
  if (tries) text(tries, number(one.tries));
  if (reason) text(reason, t(`for-${one.waits_for}`));
}

const columns = ['rank', 'class', 'model', 'n', 'n'];

export function showLine({line, queue}) {
  const n = Math.max(queue.current_size, line.length);
  write('line-count', number(queue.current_size));
  rows(byId('first-rows'), line.slice(0, FIRST), () => makeRow(columns), fillRow);
  rows(byId('line-rows'), line, () => makeRow([...columns, 'n', 'for']), fillRow);
  for (const id of ['first-empty', 'line-empty']) hide(byId(id), line.length > 0);
  write('line-caption', line.length < n ? t('line-caption', {shown: number(line.length), n: number(n)}) : t('line-all', {n: number(n)}));
}
