import {chinese} from './chinese.js';
import {english} from './english.js';

// What the page says, in English and Simplified Chinese, and how it writes numbers.

/** For the test that nothing is missing. */
export const dictionaries = {english, chinese};

/** Where the browser keeps the viewer's choice. */
export const LANGUAGE = 'sidecar-language';

export function chosenLanguage() {
  const chosen = localStorage.getItem(LANGUAGE);
  return chosen === 'en' || chosen === 'zh' ? chosen : 'auto';
}

const isChinese = chosenLanguage() === 'auto' ? /^zh\b/i.test(navigator.language ?? '') : chosenLanguage() === 'zh';
export const isEnglish = !isChinese;
const locale = isChinese ? 'zh-CN' : 'en';
const words = isChinese ? {...english, ...chinese} : english;

/** The words of this key, with {names} replaced. */
export function t(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Whether there are words of this key. */
export const has = key => key in words;

/** Gives the words to all that the page itself holds. */
export function translatePage() {
  document.documentElement.lang = isChinese ? 'zh-CN' : 'en';
  for (const each of document.querySelectorAll('[data-t]')) each.textContent = t(each.dataset.t);
  for (const each of document.querySelectorAll('[data-t-label]')) each.setAttribute('aria-label', t(each.dataset.tLabel));
}

const plain = new Intl.NumberFormat(locale, {maximumFractionDigits: 1});
const parts = new Intl.NumberFormat(locale, {style: 'percent', maximumFractionDigits: 1});

export const number = value => typeof value === 'number' ? plain.format(value) : '–';
export const percent = value => typeof value === 'number' ? parts.format(value) : '–';

const units = isChinese ? {d: '天', h: '小时', min: '分', s: '秒', ms: '毫秒'} : {d: 'd', h: 'h', min: 'min', s: 's', ms: 'ms'};
const join = (value, unit) => `${value}\u00a0${units[unit]}`;

/** Seconds as people say them: 0.3 s, 12 s, 4 min 10 s. */
export function duration(seconds) {
  if (typeof seconds !== 'number') return '–';
  if (seconds < 10) return join(plain.format(Math.max(0, seconds)), 's');
  if (seconds < 60) return join(Math.round(seconds), 's');
  const sizes = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
  const [[bigUnit, big], [smallUnit, small]] = sizes.slice(sizes.findIndex(([, size]) => seconds >= size));
  const rest = Math.floor(seconds % big / small);
  return join(Math.floor(seconds / big), bigUnit) + (rest > 0 ? ` ${join(rest, smallUnit)}` : '');
}

const timeOfDay = new Intl.DateTimeFormat(locale, {hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'});

/** Seconds since 1970, as the clock on the wall shows them. */
export const clock = seconds => timeOfDay.format(seconds * 1000);

const hourAndMinute = new Intl.DateTimeFormat(locale, {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'});

/** Likewise, without seconds. */
export const shortClock = seconds => hourAndMinute.format(seconds * 1000);

/** Milliseconds, likewise. */
export const millis = ms => ms < 1000 ? join(Math.round(ms), 'ms') : duration(ms / 1000);
