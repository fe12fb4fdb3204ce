import {byId, element, hide, rows, share, text, tone} from './dom.js';
import {duration, number, shortClock, t} from './words.js';

// The keys: what each has sent in the last minute, what it has left, and what keeps it from paying.

const WINDOW = 60;
const TONES = {ok: 'plain', paused: 'warn', refused: 'bad', circuit_open: 'bad'};

/** One key is the budget itself. */
export const areSeveral = keys => keys.length > 1;

function makeRow() {
  const row = element('tr');
  for (const className of ['', '', 'strip-cell', 'n', 'bar-cell', 'n', 'n', '']) row.append(element('td', className));
  row.cells[2].append(element('span', 'strip'));
  row.cells[4].append(element('span', 'meter'));
  return row;
}

/** Each send is a line, the latest at the right end. */
function strip(box, sends) {
  while (box.childElementCount > sends.length) box.lastChild.remove();
  while (box.childElementCount < sends.length) box.append(element('i'));
  sends.forEach(({age_seconds: age, outcome}, i) => {
    box.children[i].className = outcome;
    box.children[i].style.setProperty('--at', String(1 - Math.min(age, WINDOW) / WINDOW));
  });
}

function state({state: name, paused_seconds: paused, refused_since: since, refused_status: status}) {
  if (name === 'paused') return t('pays-paused', {time: duration(paused)});
  if (name === 'refused') return since === undefined ? t('pays-refused-elsewhere') : t('pays-refused', {status, since: shortClock(since)});
  return t(`pays-${name}`);
}

function rate({rate_rpm: base, effective_rpm: effective}) {
  return effective < base ? t('key-rate-of', {rate: number(effective), base: number(base)}) : number(base);
}

function tokensOf({model_tokens: tokens}) {
  return tokens ? t('used-tokens', {used: number(tokens.used), allowed: number(tokens.allowed), reserved: number(tokens.reserved)}) : '–';
}

export function showKeys({keys = [], timeline}) {
  hide(byId('keys-card'), !areSeveral(keys));
  if (!areSeveral(keys)) return;
  rows(byId('key-rows'), keys, makeRow, (row, key) => {
    const [name, provider, sends, used, bar, perMinute, tokens, holds] = row.cells;
    text(name, key.name);
    text(provider, key.provider);
    strip(sends.firstChild, (timeline?.sent ?? []).filter(sent => sent.key === key.name));
    text(used, number(key.used));
    text(tokens, tokensOf(key));
    share(bar.firstChild, key.used, key.rate_rpm);
    text(perMinute, rate(key));
    text(holds, state(key));
    tone(holds, TONES[key.state] ?? 'plain');
  });
}
