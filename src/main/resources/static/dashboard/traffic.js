import {CLASSES} from './classes.js';
import {byId, element, hide, plainName, rows, share, text} from './dom.js';
import {asked, remember} from './address.js';
import {plot, zoom} from './plot.js';
import {duration, millis, number, t} from './words.js';

// The history as charts, over a time that the viewer picks, and the models.

const RANGES = {'5m': 300, '15m': 900, '1h': 3600, '6h': 21_600, '24h': 86_400};
const USUAL = '15m';
/** Points of these ranges come with the snapshots; the others are fetched again. */
const LIVE = ['5m', '15m'];
const RELOAD_MS = 60_000;
const PATIENCE_MS = 5000;
const LEAST_SECONDS = 60;
const MOST_MODELS = 12;

let range = USUAL;
let step = 5;
let points = [];
let deadline;
let loadedAt = -Infinity;
let missing = false;
let loading = 0;

const ofClasses = (value, kind) => CLASSES.map(name => ({name: t(name), color: name, kind, value: point => value(point.per_priority[name])}));

/** The sum over the minute that ends with this point; where less is known, extended to a minute. */
const ofMinute = value => (_, i, all, every) => {
  const wanted = Math.max(1, Math.round(60 / every));
  const known = all.slice(Math.max(0, i + 1 - wanted), i + 1);
  const missing = i + 1 < wanted && all[0].sequence > 1 ? wanted / known.length : 1;
  return missing * known.reduce((sum, point) => sum + value(point), 0);
};
const longest = one => Math.max(one.wait_ms_max, one.oldest_ms) / 1000;
const fixed = key => () => t(key);
const byDeadline = () => deadline === undefined ? undefined : {value: deadline, name: t('deadline')};

const charts = [
  ['chart-waiting', {title: t('chart-waiting'), unit: fixed('chart-waiting-unit'), series: ofClasses(one => one.waiting, 'area')}],
  ['chart-wait', {title: t('chart-wait'), unit: fixed('chart-wait-unit'), series: ofClasses(longest, 'line'), threshold: byDeadline}],
  ['chart-throughput', {
    title: t('chart-throughput'), unit: fixed('chart-throughput-unit'),
    series: [...ofClasses(one => one.answered, 'area').map((one, s) => ({...one, value: ofMinute(point => point.per_priority[CLASSES[s]].answered)})),
      {name: t('rate'), color: 'text', kind: 'line', dash: [4, 3], value: point => point.effective_rpm}]
  }],
  ['chart-errors', {
    title: t('chart-errors'), unit: ({step: every}) => t('chart-errors-unit', {time: duration(every)}),
    series: [
      {name: t('429s'), color: 'warn', kind: 'bar', value: point => point.upstream_429s},
      {name: t('client-429'), color: 'muted', kind: 'bar', value: point => point.ratelimited},
      {name: t('failed'), color: 'bad', kind: 'bar', value: point => point.upstream_errors}]
  }],
  ['overview-waiting', {title: t('chart-waiting'), unit: fixed('chart-waiting-unit'), series: ofClasses(one => one.waiting, 'area')}],
  ['overview-wait', {title: t('chart-wait'), unit: fixed('chart-wait-unit'), series: ofClasses(longest, 'line'), threshold: byDeadline}],
  ['queue-waiting', {title: t('chart-waiting'), unit: fixed('chart-waiting-unit'), series: ofClasses(one => one.waiting, 'area')}]
].map(([id, options]) => plot(byId(id), options));

/** The axis ends with the newest point and begins where something is known. */
function drawCharts() {
  const to = points.at(-1)?.timestamp ?? Date.now() / 1000;
  const first = points[0]?.timestamp ?? to;
  const from = Math.min(Math.max(first, to - RANGES[range]), to - LEAST_SECONDS);
  for (const each of charts) each.draw({points, step, from, to});
}

function keep(fresh) {
  const from = (fresh.at(-1)?.timestamp ?? 0) - RANGES[range];
  points = fresh.filter(({timestamp}) => timestamp >= from);
}

/** All that the server keeps of this range; loaded again after each connection, since points may have been missed. */
export async function loadHistory() {
  const mine = ++loading;
  loadedAt = performance.now();
  missing = false;
  try {
    const answer = await fetch(`/api/dashboard/history?range=${range}`, {cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS)});
    if (!answer.ok) throw new Error(`history: ${answer.status}`);
    const history = await answer.json();
    if (mine !== loading) return; // another range has been chosen since
    step = history.step_seconds;
    deadline = history.deadline_seconds;
    keep(history.points);
  } catch {
    missing = true; // asked for again with the next snapshot
    return;
  }
  drawCharts();
}

/** The newest point comes with each snapshot. */
function follow(point) {
  if (missing || !LIVE.includes(range) && performance.now() - loadedAt >= RELOAD_MS) loadHistory();
  if (!LIVE.includes(range) || !point) return;
  const last = points.at(-1)?.sequence;
  if (last === point.sequence) return;
  if (last !== undefined && point.sequence !== last + 1) {
    loadHistory();
    return;
  }
  keep([...points, point]);
  drawCharts();
}

function choose(name) {
  range = name in RANGES ? name : USUAL;
  for (const input of document.querySelectorAll('[name=range]')) input.checked = input.value === range;
  remember({range: range === USUAL ? undefined : range});
  zoom(undefined);
  loadHistory();
}

function makeRow() {
  const row = element('tr');
  for (const className of ['model', 'n', 'n', 'n', 'n', 'bar-cell']) row.append(element('td', className));
  row.cells[5].setAttribute('aria-hidden', 'true');
  row.cells[5].append(element('span', 'meter'));
  return row;
}

function showModels(models) {
  const most = models[0]?.requests ?? 0;
  rows(byId('model-rows'), models.slice(0, MOST_MODELS), makeRow, (row, {model, requests, errors, latency_ms_avg: mean, latency_ms_max: max}) => {
    const [name, answers, failed, average, slowest, bar] = row.cells;
    text(name, plainName(model));
    name.title = name.textContent;
    text(answers, number(requests));
    text(failed, number(errors));
    failed.dataset.tone = errors > 0 ? 'warn' : 'plain';
    text(average, millis(mean));
    text(slowest, millis(max));
    share(bar.firstChild, requests, most);
  });
  hide(byId('models-empty'), models.length > 0);
}

export function showTraffic({models, latest_point: latest}) {
  showModels(models);
  follow(latest);
}

export function startTraffic() {
  choose(asked().range ?? USUAL);
  for (const input of document.querySelectorAll('[name=range]')) input.addEventListener('change', () => choose(input.value));
  window.addEventListener('hashchange', () => { if ((asked().range ?? USUAL) !== range) choose(asked().range ?? USUAL); });
  document.addEventListener('tab', drawCharts);
  byId('zoom-reset').addEventListener('click', () => zoom(undefined));
  document.addEventListener('zoom', ({detail}) => hide(byId('zoom-reset'), !detail));
}
