import {byId, element, hide, rows, share, text, tone} from './dom.js';
import {duration, number, t} from './words.js';

// The clients of the file: what each has in the queue, what it got, and which of its own limits holds it back.

const COLUMNS = ['', 'n', 'n', 'n', 'n', 'bar-cell', 'n', '', ''];

/** One anonymous crowd is no table. */
export const areNamed = clients => clients.length > 1 || clients.some(({limits}) => limits.length > 0);

function makeRow() {
  const row = element('tr');
  for (const className of COLUMNS) row.append(element('td', className));
  row.cells[5].append(element('span', 'meter'));
  return row;
}

const limit = ({requests, tokens, per, used}) => t(tokens === undefined ? 'limit-requests' : 'limit-tokens',
  {used: number(used), most: number(requests ?? tokens), per});

function held({held_by: by, held_seconds: seconds}) {
  if (by === undefined) return '–';
  return seconds === undefined ? t('held-concurrency') : t('held-period', {time: duration(seconds)});
}

export function showClients({clients = []}) {
  hide(byId('clients-card'), !areNamed(clients));
  const all = clients.reduce((sum, {granted}) => sum + granted, 0);
  const byDemand = [...clients].sort((a, b) => b.waiting - a.waiting || b.granted - a.granted);
  rows(byId('client-rows'), byDemand, makeRow, (row, client) => {
    const [name, weight, waiting, running, granted, bar, refused, limits, hold] = row.cells;
    text(name, client.name);
    text(weight, number(client.weight));
    text(waiting, number(client.waiting));
    text(running, number(client.in_flight));
    text(granted, number(client.granted));
    share(bar.firstChild, client.granted, all);
    text(refused, number(client.refused));
    text(limits, client.limits.length > 0 ? client.limits.map(limit).join(t('comma')) : '–');
    text(hold, held(client));
    tone(hold, client.held_by === undefined ? 'plain' : 'warn');
  });
}
