import {byId, element, hide, plainName, share, tone, write} from './dom.js';
import {duration, millis, number, percent, t} from './words.js';

export const CLASSES = ['high', 'normal', 'low'];

/** A few waiting ones make small bars, and many do not change the scale all the time. */
const SMALLEST_SCALE = 10;
const LOW_WATER = 0.1;
/** Up to here each slot of the minute is a segment of its own. */
const MOST_SEGMENTS = 120;

/** What the sidecar is going through, the worst first: a word of the dictionary and how worrying it is. */
export function condition({circuit_breaker: circuit, retreat, queue}) {
  if (circuit.state === 'open' || circuit.state === 'forced_open') return ['open', 'bad'];
  if (circuit.state === 'half_open') return ['half-open', 'warn'];
  if (retreat.paused_seconds > 0) return ['paused', 'warn'];
  if (retreat.state !== 'NORMAL') return ['retreat', 'warn'];
  return queue.current_size > 0 ? ['busy', 'busy'] : ['calm', 'good'];
}

function slow({circuit_breaker: circuit, queue, waits}) {
  if (circuit.state === 'open') return t('slow-open');
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

function why({circuit_breaker: circuit, retreat, budget, queue, line}) {
  const {limit, used, left} = budget;
  if (circuit.state === 'open') return t('why-open', {rate: percent((circuit.failure_rate ?? 0) / 100)});
  if (circuit.state === 'half_open') return t('why-half-open');
  if (retreat.paused_seconds > 0) return t('why-paused');
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

function next({circuit_breaker: circuit, retreat, budget, line}) {
  if (circuit.state === 'open') return t('next-open');
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
    const {granted, ms_avg: mean, ms_max: max} = waits[name];
    write(`${name}-count`, number(queue.per_priority[name]));
    share(byId(`${name}-bar`), queue.per_priority[name], scale);
    write(`${name}-wait`, granted > 0 ? t('wait-pair', {mean: millis(mean), max: millis(max)}) : t('no-wait'));
  }
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

function showProvider({retreat, circuit_breaker: circuit, upstream, capped_models: capped}) {
  write('retreat', t(retreat.state));
  tone(byId('retreat-pill'), retreat.state === 'NORMAL' ? 'good' : 'warn');
  write('retreat-reason', retreatReason(retreat));
  write('retreat-next', retreatNext(retreat));
  write('upstream', t(upstream.state));
  tone(byId('upstream'), upstream.state === 'unreachable' ? 'bad' : 'plain');
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
