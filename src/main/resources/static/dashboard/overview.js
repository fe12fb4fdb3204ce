import {byId, element, hide, plainName, share, tone, write} from './dom.js';
import {clock, duration, millis, number, percent, t} from './words.js';

export const CLASSES = ['high', 'normal', 'low'];

/** A few waiting ones make small bars, and many do not change the scale all the time. */
const SMALLEST_SCALE = 10;
const LOW_WATER = 0.1;
/** Up to here each slot of the minute is a segment of its own. */
const MOST_SEGMENTS = 120;

/** Of the causes of the server's, those that concern the provider, the worst first as they all are. */
const OF_PROVIDER = ['circuit_open', 'key_refused', 'upstream_unreachable', 'circuit_half_open', 'paused', 'key_refused_for_model', 'rate_lowered'];
/** While one of these is the worst, requests do not get through. */
const STOPS = {circuit_open: 'slow-open', key_refused: 'slow-key', upstream_unreachable: 'slow-unreachable', shutting_down: 'slow-stopping'};

const since = cause => clock(cause.since);
/** What stands in the words of a cause. */
const values = cause => ({
  ...cause, since: cause.since === undefined ? '' : since(cause), model: plainName(cause.model),
  more: cause.more > 0 ? t('routes-more', {n: number(cause.more)}) : '',
  rate: number(cause.effective_rpm), base: number(cause.base_rpm)
});

function slow({condition: {state}, queue, waits}) {
  if (STOPS[state]) return t(STOPS[state]);
  const rows = CLASSES.map(name => waits[name]);
  if (queue.current_size > 0) {
    return t('slow-yes', {n: number(queue.current_size), age: millis(Math.max(...rows.map(row => row.ms_oldest)))});
  }
  const granted = rows.reduce((sum, row) => sum + row.granted, 0);
  const max = Math.max(...rows.map(row => row.ms_max));
  if (max < 1000) return t('slow-no');
  const mean = rows.reduce((sum, row) => sum + row.ms_avg * row.granted, 0) / granted;
  return `${t('slow-no')} ${t('slow-minute', {mean: millis(mean), max: millis(max)})}`;
}

function why({condition: {causes}, retreat, budget, queue, line}) {
  const {limit, used, left} = budget;
  const worst = causes[0];
  if (worst && !['waiting', 'rate_lowered', 'routes_refused', 'queue_nearly_full'].includes(worst.code)) {
    return t(`why-${worst.code}`, values(worst));
  }
  const learned = retreat.learned_rpm !== undefined
    ? t('why-learned', {rate: number(retreat.learned_rpm), base: number(retreat.base_rpm)}) : '';
  if (queue.current_size === 0) return learned || t('why-nothing', {left: number(left), limit: number(limit)});
  if (line.length > 0 && line.every(one => one.waits_for === 'model')) return t('why-model', {model: plainName(line[0].model)});
  if (line.length > 0 && line.every(one => one.waits_for === 'backoff')) return t('why-backoff');
  const spent = t(left > 0 ? 'why-spread' : 'why-spent', {used: number(used), left: number(left), limit: number(limit)});
  return learned ? `${spent} ${learned}` : spent;
}

function whose({queue, line}) {
  if (queue.current_size === 0) return t('whose-nobody');
  const classes = CLASSES.filter(name => queue.per_priority[name] > 0)
    .map(name => t('class-n', {n: number(queue.per_priority[name]), class: t(name)})).join(t('comma'));
  const models = new Map();
  for (const {model} of line) if (model) models.set(model, (models.get(model) ?? 0) + 1);
  const [most] = [...models].sort(([, a], [, b]) => b - a);
  return most ? t('whose-of', {classes, model: plainName(most[0]), n: number(most[1])}) : t('whose-classes', {classes});
}

function next({condition: {state, causes}, retreat, budget, line}) {
  if (state === 'circuit_open') {
    const seconds = causes[0].probe_seconds;
    return seconds > 0 ? t('next-probe', {time: duration(seconds)}) : t('next-open');
  }
  if (state === 'key_refused') return t('next-key', values(causes[0]));
  if (state === 'shutting_down') return t('next-stopping');
  if (retreat.paused_seconds > 0) return t('next-paused', {time: duration(retreat.paused_seconds)});
  if (line.length > 0) {
    const {priority, model, start_seconds: start} = line[0];
    return t(model ? 'next-line' : 'next-line-no-model', {class: t(priority), model: plainName(model), time: startsIn(start)});
  }
  const slot = budget.next_slot_seconds;
  return slot > 0 ? t('next-in', {time: duration(slot)}) : t('next-free');
}

/** When somebody is sent, in words. */
export function startsIn(seconds) {
  if (seconds === undefined) return '–';
  return seconds < 0.1 ? t('now') : t('in', {time: duration(seconds)});
}

function showAnswers(snapshot) {
  write('slow', slow(snapshot));
  write('why', why(snapshot));
  write('whose', whose(snapshot));
  write('next', next(snapshot));
}

function showBudget({budget, retreat, token_bucket: bucket}) {
  const {limit, used, left, next_slot_seconds: slot} = budget;
  write('left', number(left));
  write('left-of', t('left-of', {limit: number(limit)}));
  write('used', t('used', {used: number(used)}));
  write('rates', bucket.rate_rpm < retreat.base_rpm
    ? t('rates-base', {effective: number(bucket.rate_rpm), base: number(retreat.base_rpm)})
    : t('rates', {effective: number(bucket.rate_rpm)}));
  if (retreat.paused_seconds > 0) write('next-slot', t('slot-paused', {time: duration(retreat.paused_seconds)}));
  else if (slot === undefined) write('next-slot', t('slot-unknown'));
  else write('next-slot', slot < 0.1 ? t('slot-now') : t('slot-in', {time: duration(slot)}));
  // The whole bar is what the operator allows; what the provider's refusals have taken from it is hatched.
  const whole = Math.max(limit, Math.round(retreat.base_rpm));
  share(byId('used-bar'), used, whole);
  byId('minute').style.setProperty('--limit', String(limit / whole));
  byId('minute').style.setProperty('--slots', String(whole <= MOST_SEGMENTS ? whole : 1));
  tone(byId('minute'), left === 0 ? 'spent' : left / limit <= LOW_WATER ? 'low' : 'room');
  byId('minute').setAttribute('aria-label', t('budget-label', {used: number(used), limit: number(limit), left: number(left)}));
}

function showQueue({queue, waits}) {
  const scale = Math.max(SMALLEST_SCALE, ...CLASSES.map(name => queue.per_priority[name]));
  write('queued', number(queue.current_size));
  write('queue-max', number(queue.max_size));
  for (const name of CLASSES) {
    const {granted, ms_avg: mean, ms_max: max, ms_oldest: oldest} = waits[name];
    const waiting = queue.per_priority[name];
    write(`${name}-count`, number(waiting));
    share(byId(`${name}-bar`), waiting, scale);
    write(`${name}-age`, waiting > 0 ? t('wait-age', {age: millis(oldest)}) : '');
    write(`${name}-wait`, granted > 0 ? t('wait-pair', {mean: millis(mean), max: millis(max)}) : t('no-wait'));
  }
  for (const id of ['low-note', 'line-low-note']) write(id, t('low-note', {time: duration(queue.low_timeout_seconds)}));
}

function retreatReason({state, evidence, effective_rpm: effective, base_rpm: base, learned_rpm: learned}) {
  if (!evidence) return t(effective < base ? 'retreat-less' : 'retreat-none', {base: number(base), effective: number(effective)});
  return t(state === 'NORMAL' && learned === undefined ? 'retreat-back' : 'retreat-refused', {
    accepted: number(evidence.accepted_in_window), age: duration(evidence.age_seconds), kind: t(`kind-${evidence.kind}`),
    effective: number(effective)
  });
}

function retreatNext({state, paused_seconds: paused, next_probe_seconds: probe, others_rpm: others, stated_rpm: stated}) {
  const said = [];
  if (paused > 0) said.push(t('retreat-paused', {time: duration(paused)}));
  if (probe !== undefined) said.push(probe > 0 ? t('retreat-probe', {time: duration(probe)}) : t('retreat-probing'));
  else if (state !== 'NORMAL') said.push(t('retreat-rises'));
  if (stated !== undefined) said.push(t('retreat-stated', {n: number(stated)}));
  if (others !== undefined) said.push(t('retreat-others', {n: number(others)}));
  return said.join(' ');
}

function showKey({name, state, refused_status: status, refused_model: model, refused_since: since}) {
  const refused = status === undefined ? '' : t(state === 'refused' ? 'key-refused' : 'key-refused-model',
    {status, model: plainName(model), since: clock(since)});
  write('key', `${name} · ${refused || t('key-ok')}`);
  tone(byId('key'), state === 'refused' ? 'bad' : refused ? 'warn' : 'plain');
}

function showProvider({condition: {causes}, retreat, circuit_breaker: circuit, upstream, keys, capped_models: capped}) {
  const worst = causes.find(({code}) => OF_PROVIDER.includes(code));
  write('retreat', worst ? t(`pill-${worst.code}`, {status: worst.status}) : t(retreat.state));
  tone(byId('retreat-pill'), worst?.severity ?? 'good');
  write('retreat-reason', retreatReason(retreat));
  write('retreat-next', retreatNext(retreat));
  write('upstream', upstream.age_seconds === undefined ? t(upstream.state)
    : t('reached-by', {state: t(upstream.state), source: t(`by-${upstream.source}`), age: duration(upstream.age_seconds)}));
  tone(byId('upstream'), upstream.state === 'unreachable' ? 'bad' : 'plain');
  showKey(keys[0]);
  const state = t(circuit.state === 'open' ? 'open-circuit' : circuit.state);
  write('circuit', circuit.failure_rate === null ? state
    : t('circuit-rate', {state, rate: percent(circuit.failure_rate / 100), n: number(circuit.calls)}));
  tone(byId('circuit'), circuit.state === 'closed' ? 'plain' : circuit.state === 'open' ? 'bad' : 'warn');
  write('share-429', percent(retreat.upstream_429_rate));
  tone(byId('share-429'), retreat.upstream_429_rate > 0.05 ? 'warn' : 'plain');
  const list = byId('capped');
  hide(list, capped.length === 0);
  list.replaceChildren(...capped.slice(0, 8).map(({model, cap, in_flight: running, waiting}) =>
    element('li', '', t('capped', {model: plainName(model), cap: number(cap), running: number(running), waiting: number(waiting)}))));
}

function showRequests({requests, errors, retries, in_flight: flight}) {
  write('awaiting', number(flight.awaiting));
  write('streams', number(flight.streams));
  write('total', number(requests.total));
  write('throttled', number(requests.nvidia));
  write('passthrough', number(requests.passthrough));
  write('retries', number(retries.total));
  for (const [id, value] of [['ratelimited', requests.ratelimited], ['queue-full', errors.queue_full_rejects],
    ['upstream-errors', errors.upstream_errors]]) {
    write(id, number(value));
    tone(byId(id), value > 0 ? 'warn' : 'plain');
  }
}

export function showOverview(snapshot) {
  showAnswers(snapshot);
  showBudget(snapshot);
  showQueue(snapshot);
  showProvider(snapshot);
  showRequests(snapshot);
}
