import {byId, element, hide, plainName, text, tone, write} from './dom.js';
import {clock, duration, number, percent, t} from './words.js';

// The figures beside the timeline: the budget, the provider, the requests.

/** Of the causes of the server's, those that concern the provider, the worst first as they all are. */
const OF_PROVIDER = ['circuit_open', 'key_refused', 'upstream_unreachable', 'circuit_half_open', 'paused', 'provider_out', 'key_out',
  'key_refused_for_model', 'rate_lowered', 'key_paused'];
const MOST_CAPPED = 8;
const MUCH_REFUSED = 0.05;

function showBudget({budget, retreat, token_bucket: bucket}) {
  const {limit, used, left, next_slot_seconds: slot, model_tokens: tokens} = budget;
  write('left', number(left));
  write('left-of', t('left-of', {limit: number(limit)}));
  const ofTokens = tokens ? ` · ${t('used-tokens', {used: number(tokens.used), allowed: number(tokens.allowed), reserved: number(tokens.reserved)})}` : '';
  write('used', t('used', {used: number(used)}) + ofTokens);
  write('rates', bucket.rate_rpm < retreat.base_rpm
    ? t('rates-base', {effective: number(bucket.rate_rpm), base: number(retreat.base_rpm)})
    : t('rates', {effective: number(bucket.rate_rpm)}));
  if (retreat.paused_seconds > 0) write('next-slot', t('slot-paused', {time: duration(retreat.paused_seconds)}));
  else if (slot === undefined) write('next-slot', t('slot-unknown'));
  else write('next-slot', slot < 0.1 ? t('slot-now') : t('slot-in', {time: duration(slot)}));
}

function retreatReason({evidence, effective_rpm: effective, base_rpm: base, learned_rpm: learned}) {
  if (!evidence) return t(effective < base ? 'retreat-less' : 'retreat-none', {effective: number(effective), base: number(base)});
  return t(learned === undefined ? 'retreat-back' : 'retreat-refused', {
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
  return said.join(t('space'));
}

function makeKey() {
  const item = element('li');
  item.append(element('span', 'key-name'), element('span', 'key-state'));
  return item;
}

/** A line for each key. */
function showKeys(keys) {
  const list = byId('keys');
  while (list.children.length > keys.length) list.lastChild.remove();
  while (list.children.length < keys.length) list.append(makeKey());
  keys.forEach(({name, state, refused_status: status, refused_model: model, refused_since: since}, i) => {
    const [called, is] = list.children[i].children;
    const elsewhere = state === 'refused' ? t('pays-refused-elsewhere') : '';
    const refused = status === undefined ? elsewhere : t(state === 'refused' ? 'key-refused' : 'key-refused-model',
      {status, model: plainName(model), since: clock(since)});
    text(called, name);
    const rests = keys.length > 1 && (state === 'paused' || state === 'circuit_open');
    text(is, refused || t(rests ? `pill-${state}` : 'key-ok'));
    tone(is, state === 'refused' ? 'bad' : refused || rests ? 'warn' : 'plain');
  });
}

function showProvider({condition: {causes}, retreat, circuit_breaker: circuit, upstream, keys, capped_models: capped}) {
  const worst = causes.find(({code}) => OF_PROVIDER.includes(code));
  write('retreat', worst ? t(`pill-${worst.code}`, {status: worst.status, provider: worst.provider, key: worst.key}) : t(`pace-${retreat.state}`));
  tone(byId('retreat'), worst?.severity ?? 'plain');
  write('retreat-reason', retreatReason(retreat));
  write('retreat-next', retreatNext(retreat));
  write('upstream', upstream.age_seconds === undefined ? t(upstream.state)
    : t('reached-by', {state: t(upstream.state), source: t(`by-${upstream.source}`), age: duration(upstream.age_seconds)}));
  tone(byId('upstream'), upstream.state === 'unreachable' ? 'bad' : 'plain');
  showKeys(keys);
  const state = t(circuit.state === 'open' ? 'open-circuit' : circuit.state);
  write('circuit', circuit.failure_rate === null ? state
    : t('circuit-rate', {state, rate: percent(circuit.failure_rate / 100), n: number(circuit.calls)}));
  tone(byId('circuit'), circuit.state === 'closed' ? 'plain' : circuit.state === 'open' ? 'bad' : 'warn');
  write('share-429', percent(retreat.upstream_429_rate));
  tone(byId('share-429'), retreat.upstream_429_rate > MUCH_REFUSED ? 'warn' : 'plain');
  const list = byId('capped');
  hide(list, capped.length === 0);
  list.replaceChildren(...capped.slice(0, MOST_CAPPED).map(({model, cap, in_flight: running, waiting}) =>
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
  showBudget(snapshot);
  showProvider(snapshot);
  showRequests(snapshot);
}
