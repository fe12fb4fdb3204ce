import {byId, element, hide, plainName, rows, share, text} from './dom.js';
import {chart} from './charts.js';
import {millis, number, t} from './words.js';
import {CLASSES} from './overview.js';

/** What the server keeps: 15 minutes. */
const MOST = 180;
const TOP = 12;

let points = [];
let every = 5;

const ofClasses = value => CLASSES.map(name => ({name: t(name), color: name, value: point => value(point.per_priority[name])}));
/** The sum over the minute that ends with this point; for the oldest ones, of which less is known, extended to a minute. */
const ofMinute = value => (_, i, all) => {
  const known = all.slice(Math.max(0, i + 1 - 60 / every), i + 1);
  const missing = all.length === MOST ? 60 / every / known.length : 1;
  return missing * known.reduce((sum, point) => sum + value(point), 0);
};
const longest = ofClasses(one => Math.max(one.wait_ms_max, one.oldest_ms) / 1000);

const charts = [
  ['overview-wait', 'chart-wait', longest],
  ['chart-waiting', 'chart-waiting', ofClasses(one => one.waiting)],
  ['chart-wait', 'chart-wait', longest],
  ['chart-throughput', 'chart-throughput', [...ofClasses(one => one.answered).map(one => ({...one, value: ofMinute(one.value), stacked: true})),
    {name: t('rate'), color: 'rate', value: point => point.effective_rpm}]],
  ['chart-errors', 'chart-errors', [
    {name: t('429s'), color: 'warn', value: point => point.upstream_429s},
    {name: t('client-429'), color: 'soft', value: point => point.ratelimited},
    {name: t('failed'), color: 'bad', value: point => point.upstream_errors}]]
].map(([id, title, series]) => chart(byId(id), t(title), t(`${title}-unit`), series));

export function drawCharts() {
  for (const each of charts) each.draw(points, every, MOST);
}

/** All that the server keeps; to be loaded again after every connection, since points may have been missed. */
export async function loadHistory() {
  try {
    const answer = await fetch('/api/dashboard/history', {cache: 'no-store', signal: AbortSignal.timeout(5000)});
    if (!answer.ok) return;
    const history = await answer.json();
    every = history.every_seconds;
    points = history.points.slice(-MOST);
    drawCharts();
  } catch {
    // the stream tells that the sidecar is away
  }
}

/** The newest point comes with each snapshot. */
function follow(point) {
  if (!point) return;
  const last = points.at(-1)?.sequence;
  if (last === point.sequence) return;
  if (last !== undefined && point.sequence !== last + 1) {
    loadHistory();
    return;
  }
  points = [...points, point].slice(-MOST);
  drawCharts();
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
  rows(byId('model-rows'), models.slice(0, TOP), makeRow, (row, {model, requests, errors, latency_ms_avg: mean, latency_ms_max: max}) => {
    const [name, answers, failed, average, longest, bar] = row.cells;
    text(name, plainName(model));
    name.title = name.textContent;
    text(answers, number(requests));
    text(failed, number(errors));
    failed.dataset.tone = errors > 0 ? 'warn' : 'plain';
    text(average, millis(mean));
    text(longest, millis(max));
    share(bar.firstChild, requests, most);
  });
  hide(byId('models-empty'), models.length > 0);
}

export function showTraffic({models, latest_point: latest}) {
  showModels(models);
  follow(latest);
}
