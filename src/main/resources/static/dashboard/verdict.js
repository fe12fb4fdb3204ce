import {areNamed} from './clients.js';
import {CLASSES} from './classes.js';
import {byId, plainName, tone, write} from './dom.js';
import {clock, duration, isEnglish, millis, number, t} from './words.js';

// The state of the whole page in one sentence with its cause, and four questions with their answers. The server words the
// sentence, the same for /status, readiness and alerts. Chinese is worded here, of the same facts.

/** While one of these is the worst, requests do not get through. */
const STOPS = {circuit_open: 'slow-open', key_refused: 'slow-key', upstream_unreachable: 'slow-unreachable', shutting_down: 'slow-stopping', no_share: 'slow-stopping'};
/** Causes that do not say why requests wait. */
const NO_REASON = ['waiting', 'rate_lowered', 'routes_refused', 'config_refused', 'state_unwritten', 'queue_nearly_full'];
/** A longer sentence is no headline. */
const LONGEST_HEADLINE = 90;

/** What stands in the words of a cause. */
const values = (cause = {}) => ({
  ...cause, since: cause.since === undefined ? '' : clock(cause.since), model: plainName(cause.model),
  more: cause.more > 0 ? t('routes-more', {n: number(cause.more)}) : '',
  rate: number(cause.effective_rpm), base: number(cause.base_rpm),
  keys: (cause.keys ?? []).join(t('comma')), serving: (cause.serving ?? []).join(t('comma')),
  reason: cause.reason === undefined ? '' : t(`out-${cause.reason}`)
});

function slow({condition: {state}, queue, waits}) {
  if (STOPS[state]) return t(STOPS[state]);
  const classes = CLASSES.map(name => waits[name]);
  if (queue.current_size > 0) {
    return t('slow-yes', {n: number(queue.current_size), age: millis(Math.max(...classes.map(one => one.ms_oldest)))});
  }
  const granted = classes.reduce((sum, one) => sum + one.granted, 0);
  const max = Math.max(...classes.map(one => one.ms_max));
  if (max < 1000) return t('slow-no');
  const mean = classes.reduce((sum, one) => sum + one.ms_avg * one.granted, 0) / granted;
  return `${t('slow-no')} ${t('slow-minute', {mean: millis(mean), max: millis(max)})}`;
}

function why({condition: {causes}, retreat, budget: {limit, used, left, model_tokens: tokens}, queue, line}) {
  const worst = causes[0];
  if (worst && !NO_REASON.includes(worst.code)) return t(`why-${worst.code}`, values(worst));
  const learned = retreat.learned_rpm !== undefined
    ? t('why-learned', {rate: number(retreat.learned_rpm), base: number(retreat.base_rpm)}) : '';
  if (queue.current_size === 0) return learned || t('why-nothing', {left: number(left), limit: number(limit)});
  if (line.length > 0 && line.every(one => one.waits_for === 'model')) return t('why-model', {model: plainName(line[0].model)});
  if (line.length > 0 && line.every(one => one.waits_for === 'backoff')) return t('why-backoff');
  if (tokens && line.length > 0 && line[0].waits_for === 'tokens')
    return t('why-tokens', {used: number(tokens.used), reserved: number(tokens.reserved), allowed: number(tokens.allowed)});
  const spent = t(left > 0 ? 'why-spread' : 'why-spent', {used: number(used), left: number(left), limit: number(limit)});
  return learned ? `${spent} ${learned}` : spent;
}

/** The client with most of those who wait, if it has more than half of them. */
function crowd({queue, clients = []}) {
  const most = clients.reduce((a, b) => b.waiting > (a?.waiting ?? 0) ? b : a, undefined);
  return areNamed(clients) && most && 2 * most.waiting > queue.current_size ? most : undefined;
}

function whose(snapshot) {
  const {queue, line} = snapshot;
  if (queue.current_size === 0) return t('whose-nobody');
  const classes = CLASSES.filter(name => queue.per_priority[name] > 0)
    .map(name => t('class-n', {n: number(queue.per_priority[name]), class: t(name)})).join(t('comma'));
  const one = crowd(snapshot);
  if (one) return t('whose-client', {classes, client: one.name, n: number(one.waiting)});
  const models = new Map();
  for (const {model} of line) if (model) models.set(model, (models.get(model) ?? 0) + 1);
  const [most] = [...models].sort(([, a], [, b]) => b - a);
  return most ? t('whose-of', {classes, model: plainName(most[0]), n: number(most[1])}) : t('whose-classes', {classes});
}

function next({condition: {state, causes}, retreat, budget, line, config_file: file}) {
  if (state === 'circuit_open') {
    const seconds = causes[0].probe_seconds;
    return seconds > 0 ? t('next-probe', {time: duration(seconds)}) : t('next-open');
  }
  if (state === 'key_refused') return t(file?.providers > 0 ? 'next-key-file' : 'next-key', values(causes[0]));
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
function startsIn(seconds) {
  if (seconds === undefined) return '–';
  return seconds < 0.1 ? t('now') : t('in', {time: duration(seconds)});
}

/** What follows the first colon of a long sentence goes below it. */
function shortened(headline, detail) {
  const colon = headline.indexOf(': ');
  return headline.length <= LONGEST_HEADLINE || colon < 0 ? {headline, detail}
    : {headline: `${headline.slice(0, colon)}.`, detail: `${headline.slice(colon + 2)} ${detail}`};
}

/** The sentence and its cause. */
function verdictOf(snapshot) {
  const {state, causes, headline, detail} = snapshot.condition;
  if (isEnglish && headline) return shortened(headline, detail ?? '');
  const more = state === 'waiting' || state === 'queue_nearly_full' || state === 'serving' ? next(snapshot) : '';
  return {
    headline: t(`is-${state}`, {...values(causes[0]), status: causes[0]?.status ?? '', n: number(snapshot.queue.current_size)}),
    detail: [why(snapshot), more].filter(Boolean).join(t('space'))
  };
}

/** @returns the sentence, for those who only hear of changes */
export function showVerdict(snapshot) {
  const {headline, detail} = verdictOf(snapshot);
  write('headline', headline);
  write('detail', detail);
  tone(byId('verdict'), snapshot.condition.severity);
  write('slow', slow(snapshot));
  write('why', why(snapshot));
  write('whose', whose(snapshot));
  write('next', next(snapshot));
  return headline;
}

export function showLost(seconds) {
  write('headline', t('lost'));
  write('detail', t('stale', {s: seconds}));
  tone(byId('verdict'), 'bad');
}
