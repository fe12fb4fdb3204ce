'use strict';

// Shows GET /status once a second. All text goes through textContent: model names come from callers.
// What the answer does not hold is shown as a dash.

const STALE_AFTER_MS = 5000;
const byId = id => document.getElementById(id);
const number = new Intl.NumberFormat('en', {maximumFractionDigits: 1});
const percent = new Intl.NumberFormat('en', {style: 'percent', maximumFractionDigits: 1});
const text = (value, format = number) => typeof value === 'number' ? format.format(value) : String(value ?? '–');
const write = (id, value, format) => { byId(id).textContent = text(value, format); };

let timer;
let running = false;
let lastAnswer = performance.now();

function duration(seconds) {
  if (typeof seconds !== 'number') return '–';
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
  const [[bigName, big], [smallName, small]] = units.slice(units.findIndex(([, size]) => seconds >= size));
  return `${Math.floor(seconds / big)} ${bigName} ${Math.floor(seconds % big / small)} ${smallName}`;
}

// The figures stand beside the bars as text, so screen readers leave the bars out.
function bar(id, value, max) {
  const share = max > 0 ? Math.min(Math.max(value / max, 0), 1) : 0;
  byId(id).setAttribute('width', `${100 * share}%`);
}

function state(id, value) {
  write(id, value);
  byId(id).dataset.state = String(value ?? '').toLowerCase();
}

function cell(value) {
  const td = document.createElement('td');
  td.textContent = value;
  return td;
}

function models(list = []) {
  byId('no-models').hidden = list.length > 0;
  byId('models').replaceChildren(...list.map(({model, requests, latency_ms_avg: latency}) => {
    const row = document.createElement('tr');
    row.append(cell(text(model)), cell(text(requests)), cell(typeof latency === 'number' ? `${text(Math.round(latency))} ms` : '–'));
    return row;
  }));
}

function show({uptime_seconds: uptime, token_bucket: bucket, queue, retreat, requests, errors, upstream, models: list}) {
  write('uptime', duration(uptime));

  write('tokens', Math.floor(bucket.tokens));
  write('capacity', bucket.capacity);
  write('rate', bucket.rate_rpm);
  bar('budget', bucket.tokens, bucket.capacity);

  write('queued', queue.current_size);
  write('queue-max', queue.max_size);
  for (const priority of ['high', 'normal', 'low']) {
    write(`${priority}-count`, queue.per_priority[priority]);
    bar(priority, queue.per_priority[priority], queue.current_size);
  }
  document.title = `${queue.current_size} waiting · NVIDIA Sidecar`;

  state('retreat', retreat.state);
  write('effective', retreat.effective_rpm);
  write('base', retreat.base_rpm);
  write('refused', retreat.upstream_429_rate, percent);
  state('upstream', upstream?.state ?? upstream);

  write('total', requests.total);
  write('throttled', requests.nvidia);
  write('passthrough', requests.passthrough);
  write('ratelimited', requests.ratelimited);
  write('queue-full', errors.queue_full_rejects);
  write('upstream-errors', errors.upstream_errors);
  models(list);
}

function markAge() {
  const age = performance.now() - lastAnswer;
  const stale = age >= STALE_AFTER_MS;
  document.body.classList.toggle('stale', stale);
  byId('note').hidden = !stale;
  // Said once, not every second: a screen reader reads each change aloud.
  const said = 'The sidecar does not answer. What is shown here is old.';
  if (stale && byId('note').textContent !== said) byId('note').textContent = said;
  if (!stale) byId('note').textContent = '';
}

async function poll() {
  running = true;
  try {
    const answer = await fetch('/status', {cache: 'no-store', signal: AbortSignal.timeout(STALE_AFTER_MS)});
    if (!answer.ok) throw new Error(`/status answered ${answer.status}`);
    show(await answer.json());
    lastAnswer = performance.now();
  } catch (problem) {
    console.warn(problem);
  }
  running = false;
  schedule();
}

function schedule() {
  clearTimeout(timer);
  if (!document.hidden && !running) timer = setTimeout(poll, 1000);
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    clearTimeout(timer);
  } else {
    lastAnswer = performance.now(); // the pause was ours, not the sidecar's
    if (!running) poll();
  }
});
setInterval(() => { if (!document.hidden) markAge(); }, 500);
poll();
