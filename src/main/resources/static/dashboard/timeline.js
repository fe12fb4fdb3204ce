import {CLASSES} from './classes.js';
import {onColors} from './colors.js';
import {byId, element, hide, plainName, rows, text, write} from './dom.js';
import {CELL, cellHeight, columnWidth, layout, paint} from './timeline-paint.js';
import {columnsOf, firstOf, marksOf, slotFor, tableOf} from './timeline-model.js';
import {clock, duration, number, t} from './words.js';

// The budget timeline: it moves between two snapshots, can be pointed at and walked through by keys, and is there as a
// sentence and as a table too.

/** A picture that moves ten pixels a second needs no more. */
const FRAME_MS = 40;
const NEAR_PIXELS = 12;
const FURTHEST_SECONDS = 120;
const TABLE_SECONDS = 10;
/** A shorter gap needs no explanation. */
const GAP_SECONDS = 2;
/** The clock of the server is known from the snapshot that came with the least delay of these. */
const DELAYS = 10;

const canvas = byId('timeline');
const box = byId('timeline-box');
const tip = byId('timeline-tip');
const still = matchMedia('(prefers-reduced-motion: reduce)');

let marks;
let snapshot;
let columns = [];
let columnsFor = 0;
let offsets = [];
let future = 60;
let cell = 1;
let chosen;
let onScreen = false;
let frozen = false;
let frame;
let paintedAt = 0;

/** The server's clock, in seconds. It does not move while motion is not wanted. */
function now() {
  return still.matches || frozen ? marks.at : Math.max(marks.at, performance.now() / 1000 + Math.max(...offsets));
}

function wantedFuture() {
  const last = marks.waiting.reduce((most, mark) => Math.max(most, mark.time - marks.at), 0);
  return Math.min(FURTHEST_SECONDS, Math.max(60, Math.ceil((last + 5) / 30) * 30));
}

function place() {
  return layout(canvas.clientWidth, canvas.clientHeight, Math.max(60, marks.window) + 2, future);
}

/** Built anew with a snapshot or another width, and not with every frame. */
function buildColumns(perSecond) {
  const seconds = CELL / perSecond;
  columns = [...columnsOf(marks.sent, seconds), ...columnsOf(marks.waiting, seconds)];
  columnsFor = perSecond;
  const key = chosen && keyOf(chosen);
  if (key) choose(columns.find(one => keyOf(one) === key));
}

const keyOf = ({kind, priority, time}) => `${kind} ${priority} ${time.toFixed(2)}`;

function arcTo(mark, label) {
  const from = slotFor(mark.time, marks);
  return from && {from, to: mark, label};
}

function pictured() {
  if (chosen?.kind === 'waiting') return arcTo(chosen.marks[0], t('takes-slot'));
  if (chosen?.kind === 'sent') return undefined;
  const first = firstOf(marks);
  return first && arcTo(first, t('slot-returns'));
}

function gapAt(at) {
  const first = firstOf(marks);
  const seconds = first && first.time - at;
  return seconds > GAP_SECONDS ? seconds : undefined;
}

function draw() {
  if (!marks || canvas.clientWidth === 0) return;
  const target = wantedFuture();
  future = still.matches || Math.abs(target - future) < 0.5 ? target : future + (target - future) * 0.2;
  const where = place();
  if (Math.abs(where.perSecond - columnsFor) > 0.001) buildColumns(where.perSecond);
  const wantedCell = cellHeight(Math.max(1, ...columns.map(({stack}) => stack)), where);
  cell = still.matches || Math.abs(wantedCell - cell) < 0.3 ? wantedCell : cell + (wantedCell - cell) * 0.3;
  const scale = devicePixelRatio;
  if (canvas.width !== Math.round(where.width * scale) || canvas.height !== Math.round(where.height * scale)) {
    canvas.width = Math.round(where.width * scale);
    canvas.height = Math.round(where.height * scale);
  }
  const g = canvas.getContext('2d');
  g.setTransform(scale, 0, 0, scale, 0, 0);
  const at = now();
  paint(g, where, {marks, columns, now: at, cell, arc: pictured(), gap: gapAt(at), chosen, clock: clock(at)});
  moveTip(where, at);
}

const moves = () => onScreen && !still.matches && !frozen && marks !== undefined;

function tick(time) {
  frame = undefined;
  if (!moves()) return;
  if (time - paintedAt >= FRAME_MS) {
    paintedAt = time;
    draw();
  }
  frame = requestAnimationFrame(tick);
}

function go() {
  if (frame === undefined && moves()) frame = requestAnimationFrame(tick);
}

// ---- what a mark is, in words ----

function slotWords(mark) {
  const from = slotFor(mark.time, marks);
  return from && t('tip-slot', {age: duration(marks.at - from.time)});
}

function oneWaiting(mark) {
  return [
    t('tip-waits', {age: duration(marks.at - mark.since)}),
    t('tip-starts', {time: duration(mark.time - marks.at), clock: clock(mark.time)}),
    slotWords(mark),
    mark.deadline !== undefined && t('tip-deadline', {time: duration(mark.deadline - marks.at)}),
    mark.tries > 1 && t('tip-attempt', {n: number(mark.tries)})
  ];
}

function oneSent(mark) {
  return [
    t('tip-sent', {age: duration(marks.at - mark.time), clock: clock(mark.time)}),
    mark.wait_seconds !== undefined && t('tip-waited', {time: duration(mark.wait_seconds)}),
    mark.outcome && t(`outcome-${mark.outcome}`),
    t('tip-returns', {time: duration(Math.max(0, mark.time + marks.window - marks.at))})
  ];
}

/** The lines of the tip: what it is, and what is known of it. */
function tipOf(column) {
  const [mark] = column.marks;
  if (column.count === 1 && !mark.isBin) {
    return [`${t(mark.priority)} · ${mark.model ? plainName(mark.model) : t('no-model')}`,
      ...(column.kind === 'sent' ? oneSent(mark) : oneWaiting(mark))].filter(Boolean);
  }
  const models = [...new Set(column.marks.map(({model}) => model).filter(Boolean))];
  const head = t('tip-many', {n: number(column.count), class: t(mark.priority)});
  return [head,
    column.kind === 'sent' ? t('tip-sent', {age: duration(Math.max(0, marks.at - column.time)), clock: clock(column.time)})
      : t('tip-starts', {time: duration(Math.max(0, column.time - marks.at)), clock: clock(column.time)}),
    models.length > 0 && models.slice(0, 3).map(plainName).join(t('comma')) + (models.length > 3 ? ' …' : ''),
    column.kind === 'sent' ? t('tip-returns', {time: duration(Math.max(0, column.time + marks.window - marks.at))}) : slotWords(column)
  ].filter(Boolean);
}

function choose(column) {
  chosen = column;
  hide(tip, !column);
  if (!column) return;
  const lines = tipOf(column);
  while (tip.children.length > lines.length) tip.lastChild.remove();
  lines.forEach((line, i) => {
    if (i >= tip.children.length) tip.append(element('p', i === 0 ? 'tip-head' : ''));
    text(tip.children[i], line);
  });
}

function moveTip(where, at) {
  if (!chosen) return;
  const seconds = chosen.time - at;
  const x = where.x(chosen.kind === 'waiting' ? Math.max(0, seconds) : seconds);
  if (x < where.left - NEAR_PIXELS) {
    choose(undefined);
    return;
  }
  const width = tip.offsetWidth;
  const left = x + 14 + width > where.width ? x - 14 - width : x + 14;
  const top = Math.max(0, Math.min(where.baseline(chosen.priority) - where.laneHeight, where.height - tip.offsetHeight));
  tip.style.transform = `translate(${Math.round(Math.max(0, left))}px, ${Math.round(top)}px)`;
}

function pointedAt(event) {
  if (!marks) return undefined;
  const area = canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - area.left, event.clientY - area.top];
  const where = place();
  const at = now();
  let best;
  for (const column of columns) {
    const seconds = column.kind === 'waiting' ? Math.max(0, column.time - at) : column.time - at;
    const base = where.baseline(column.priority);
    if (y < base - where.laneHeight - 8 || y > base + 4) continue;
    const distance = Math.abs(where.x(seconds) - x) - columnWidth(column, where) / 2;
    if (distance <= NEAR_PIXELS && (best === undefined || distance < best.distance)) best = {column, distance};
  }
  return best?.column;
}

const STEPS = {ArrowRight: 1, ArrowLeft: -1};

function walk(event) {
  if (event.key === 'Escape') {
    choose(undefined);
    draw();
    return;
  }
  const shown = columns.filter(({time}) => time - marks.at <= future && time > marks.at - marks.window);
  if (shown.length === 0 || !(event.key in STEPS || ['Home', 'End'].includes(event.key))) return;
  event.preventDefault();
  const at = chosen ? shown.findIndex(one => keyOf(one) === keyOf(chosen)) : -1;
  const from = at >= 0 ? at : shown.findIndex(({kind}) => kind === 'waiting') - (event.key === 'ArrowRight' ? 1 : 0);
  const next = event.key === 'Home' ? 0 : event.key === 'End' ? shown.length - 1 : from + STEPS[event.key];
  choose(shown[Math.max(0, Math.min(shown.length - 1, next))]);
  draw();
  write('timeline-said', [...tip.children].map(line => line.textContent).join('. '));
}

// ---- the picture as a sentence and as a table ----

/** Why the next request does not go now, or that it does. */
function sentenceOf({budget: {limit, used, left}, retreat, queue}, picture) {
  const numbers = {limit: number(limit), used: number(used), left: number(left), window: t('axis-seconds', {n: Math.round(picture.window)})};
  const first = firstOf(picture);
  const wait = first && first.time - picture.at;
  const when = {...numbers, time: duration(wait)};
  if (retreat.paused_seconds > 0) return t('line-paused', {time: duration(retreat.paused_seconds)});
  if (queue.current_size === 0) return t(used === 0 ? 'line-idle' : left > 0 ? 'line-free' : 'line-taken', numbers);
  if (wait === undefined) return t('line-unknown', {n: number(queue.current_size)});
  const from = slotFor(first.time, picture);
  if (left > 0) return t('line-spread', when);
  if (wait <= GAP_SECONDS) return t('line-moving', when);
  return from ? t('line-wait', {...when, age: duration(picture.at - from.time)}) : t('line-later', when);
}

function makeRow() {
  const row = element('tr');
  row.append(element('th'), ...CLASSES.map(() => element('td', 'n')));
  row.cells[0].scope = 'row';
  return row;
}

function fillTable() {
  if (!byId('timeline-table').open) return;
  rows(byId('timeline-rows'), tableOf(marks, TABLE_SECONDS), makeRow, (row, one) => {
    const [head, ...cells] = row.cells;
    text(head, one.from >= 0 ? t('row-starts', {from: number(one.from), to: number(one.to)})
      : t('row-sent', {from: number(-one.from), to: number(-one.to)}));
    CLASSES.forEach((name, i) => text(cells[i], one[name] > 0 ? number(one[name]) : '–'));
  });
}

export function showTimeline(fresh) {
  if (!fresh.timeline) return;
  snapshot = fresh;
  offsets = [...offsets, fresh.timestamp - performance.now() / 1000].slice(-DELAYS);
  marks = marksOf(fresh, marks);
  frozen = false;
  columnsFor = 0; // the next picture builds them
  write('timeline-sentence', sentenceOf(snapshot, marks));
  hide(byId('timeline-unknown'), marks.unknown === 0);
  write('timeline-unknown', t('unknown-starts', {n: number(marks.unknown)}));
  fillTable();
  if (moves()) go();
  else draw();
}

/** What is old does not move on as if it were known. */
export function freezeTimeline() {
  frozen = true;
}

export function startTimeline() {
  for (const kind of ['pointermove', 'pointerdown']) canvas.addEventListener(kind, event => {
    choose(pointedAt(event));
    if (!moves()) draw();
  });
  canvas.addEventListener('pointerleave', () => {
    choose(undefined);
    if (!moves()) draw();
  });
  box.addEventListener('keydown', event => { if (marks) walk(event); });
  box.addEventListener('blur', () => { choose(undefined); draw(); });
  byId('timeline-table').addEventListener('toggle', () => { if (marks) fillTable(); });
  new IntersectionObserver(entries => {
    onScreen = entries.at(-1).isIntersecting;
    go();
  }).observe(canvas);
  new ResizeObserver(draw).observe(canvas);
  still.addEventListener('change', () => { draw(); go(); });
  onColors(draw);
}
