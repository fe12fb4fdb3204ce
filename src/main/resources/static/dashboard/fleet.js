import {byId, element, hide, rows, share, text, tone, write} from './dom.js';
import {number, t} from './words.js';

// The fleet: who is there, who leads, and what each replica has. A sidecar without a fleet shows nothing of it.

const TONES = {shared: 'plain', alone: 'warn', rejoining: 'warn'};

function makeRow() {
  const row = element('tr');
  for (const className of ['', '', 'n', 'n', 'n', 'bar-cell']) row.append(element('td', className));
  row.cells[5].append(element('span', 'meter'));
  return row;
}

function sentence({mode, replica, leader, replicas, redis_ms: ms}) {
  if (mode === 'shared') return t(leader === replica ? 'fleet-leads' : 'fleet-led', {leader, n: number(replicas.length), ms: number(ms)});
  if (mode === 'rejoining') return t('fleet-waits');
  return t(replicas.some(({part_rpm: part}) => part > 0) ? 'fleet-by-itself' : 'fleet-no-part');
}

const role = (id, {leader, replica}) => [id === leader && t('fleet-leader'), id === replica && t('fleet-this')].filter(Boolean).join(t('comma'));

export function showFleet({fleet = {mode: 'single'}}) {
  const isSingle = fleet.mode === 'single';
  hide(byId('fleet-card'), isSingle);
  if (isSingle) return;
  const {mode, replicas = []} = fleet;
  const isShared = mode === 'shared';
  write('fleet-mode', t(`fleet-${mode}`));
  tone(byId('fleet-mode'), TONES[mode]);
  write('fleet-sentence', sentence({...fleet, replicas}));
  write('fleet-note', t(isShared ? 'fleet-whole' : 'fleet-own'));
  const all = replicas.reduce((sum, {part_rpm: part}) => sum + part, 0);
  rows(byId('fleet-rows'), replicas, makeRow, (row, {id, waiting, in_flight: running, part_rpm: part}) => {
    const [name, does, waits, runs, own, bar] = row.cells;
    text(name, id);
    text(does, role(id, fleet));
    text(waits, number(waiting));
    text(runs, number(running));
    text(own, number(part));
    share(bar.firstChild, part, isShared ? all : 0);
  });
}
