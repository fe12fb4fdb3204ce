import {byId, element, hide} from './dom.js';
import {t} from './words.js';

// Reads and changes the settings through the admin API. The token lives in this variable only: a reload forgets it.

const ADDRESS = '/api/admin/config';
const PATIENCE_MS = 10_000;
const NUMBERS = ['rate_rpm', 'bucket_capacity', 'request_timeout', 'queue_timeout', 'queue_max_size', 'low_priority_timeout'];
const SWITCH = 'fallback_enabled_passthrough';
const LEVEL = 'log_level';
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'];
const FIELDS = [...NUMBERS, SWITCH, LEVEL];

/** Missing, wrong, and one too many that was wrong. */
const WANTS_TOKEN = [401, 403, 429];

let token = '';
let config;
/** What to do again once there is a token. */
let afterToken;

class Refused extends Error {
  constructor(status, {message, param}, retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
    this.param = param;
  }
}

async function call(options = {}) {
  let answer;
  let body;
  try {
    answer = await fetch(ADDRESS, {
      cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(PATIENCE_MS), ...options,
      headers: {...options.headers, ...(token ? {Authorization: `Bearer ${token}`} : {})}
    });
    body = await answer.json();
  } catch {
    throw new Refused(0, {message: t('no-answer')});
  }
  if (!WANTS_TOKEN.includes(answer.status)) hide(byId('token-form'), true);
  if (!answer.ok) throw new Refused(answer.status, body?.error ?? {message: `${answer.status}`}, answer.headers.get('Retry-After'));
  return body;
}

function makeFields() {
  for (const name of FIELDS) {
    const row = element('div', name === SWITCH ? 'field switch' : 'field');
    const input = document.createElement(name === LEVEL ? 'select' : 'input');
    input.id = `set-${name}`;
    input.name = name;
    input.setAttribute('aria-describedby', `hint-${name} error-${name}`);
    if (NUMBERS.includes(name)) {
      input.type = 'number';
      input.step = 'any';
      input.inputMode = 'decimal';
    }
    if (name === SWITCH) input.type = 'checkbox';
    const label = element('label', '', t(name));
    label.htmlFor = input.id;
    const hint = element('span', 'soft hint', t(`hint-${name}`));
    hint.id = `hint-${name}`;
    const error = element('span', 'error');
    error.id = `error-${name}`;
    error.setAttribute('role', 'alert');
    row.append(label, input, hint, error);
    byId('fields').append(row);
    input.addEventListener('input', noticeChanges);
  }
}

function fill() {
  for (const name of FIELDS) {
    const input = byId(`set-${name}`);
    if (name === LEVEL) {
      const levels = LEVELS.includes(config[name]) ? LEVELS : [...LEVELS, config[name]];
      input.replaceChildren(...levels.map(level => new Option(level, level)));
    }
    if (name === SWITCH) input.checked = config[name];
    else input.value = String(config[name] ?? '');
  }
  byId('fields').disabled = false;
  const fixed = [['upstream_url', config.upstream_url], ['upstream_api_key', config.upstream_api_key],
    ['listen', `${config.listen_host}:${config.listen_port}`], ['metrics_port', config.metrics_port]];
  byId('fixed').replaceChildren(...fixed.flatMap(([name, value]) => [element('dt', '', t(name)), element('dd', '', String(value ?? '–'))]));
  noticeChanges();
}

function valueOf(name) {
  const input = byId(`set-${name}`);
  if (name === SWITCH) return input.checked;
  if (name === LEVEL) return input.value;
  // What is no number is sent as it is: the sidecar says best what it wants instead.
  return input.value.trim() === '' ? null : Number(input.value);
}

function changes() {
  return FIELDS.map(name => ({name, before: config[name], after: valueOf(name)})).filter(({before, after}) => before !== after);
}

function noticeChanges() {
  const changed = changes();
  for (const name of FIELDS) byId(`set-${name}`).closest('.field').classList.toggle('changed', changed.some(one => one.name === name));
  byId('review').disabled = byId('undo').disabled = changed.length === 0;
}

const shown = value => typeof value === 'boolean' ? t(value ? 'yes' : 'no') : String(value ?? '–');

function say(id, words) {
  byId(id).textContent = words ?? '';
  hide(byId(id), !words);
}

function forgetErrors() {
  say('settings-error');
  say('settings-done');
  for (const name of FIELDS) {
    byId(`error-${name}`).textContent = '';
    byId(`set-${name}`).removeAttribute('aria-invalid');
  }
}

function needToken(failure, again) {
  afterToken = again;
  hide(byId('token-form'), false);
  byId('fields').disabled = config === undefined;
  if (failure.status === 429) say('token-error', t('token-blocked', {seconds: failure.retryAfter ?? 60}));
  else say('token-error', token ? t('token-wrong', {message: failure.message}) : failure.status === 403 ? failure.message : undefined);
  token = '';
  byId('token').value = '';
}

async function load() {
  try {
    config = await call();
    say('settings-error');
    fill();
  } catch (failure) {
    if (WANTS_TOKEN.includes(failure.status)) needToken(failure, load);
    else say('settings-error', t('not-loaded', {message: failure.message}));
  }
}

async function save() {
  const changed = changes();
  forgetErrors();
  try {
    const answer = await call({
      method: 'POST', headers: {'Content-Type': 'application/json'},
      body: JSON.stringify(Object.fromEntries(changed.map(({name, after}) => [name, after])))
    });
    await load();
    say('settings-done', t('changed', {fields: answer.changed.map(name => t(name)).join(', ')}));
  } catch (failure) {
    if (WANTS_TOKEN.includes(failure.status)) {
      needToken(failure, review); // what is sent has been looked at
    } else if (failure.status === 400 && FIELDS.includes(failure.param)) {
      byId(`error-${failure.param}`).textContent = failure.message;
      byId(`set-${failure.param}`).setAttribute('aria-invalid', 'true');
      byId(`set-${failure.param}`).focus();
    } else {
      say('settings-error', t('not-saved', {message: failure.message}));
    }
  }
}

function review() {
  byId('changes').replaceChildren(...changes().map(({name, before, after}) => {
    const row = element('tr');
    row.append(element('td', '', t(name)), element('td', 'n old', shown(before)), element('td', 'arrow', '→'), element('td', 'n new', shown(after)));
    return row;
  }));
  byId('confirm').showModal();
}

export function startConfiguration() {
  makeFields();
  byId('settings').addEventListener('submit', event => {
    event.preventDefault();
    if (config && changes().length > 0) review();
  });
  byId('settings').addEventListener('reset', event => {
    event.preventDefault();
    forgetErrors();
    if (config) fill();
  });
  byId('confirm').addEventListener('close', () => {
    if (byId('confirm').returnValue === 'ok') save();
    byId('confirm').returnValue = '';
  });
  byId('token-form').addEventListener('submit', async event => {
    event.preventDefault();
    token = byId('token').value.trim();
    if (!token) return;
    await (afterToken ?? load)();
  });
  // Not before somebody wants to see them: where a token is needed, each look without one is a refusal.
  const shown = () => !byId('configuration').hidden && (config === undefined || changes().length === 0);
  document.addEventListener('tab', () => { if (shown()) load(); });
  if (shown()) load();
}

