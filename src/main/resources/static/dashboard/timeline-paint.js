import {CLASSES} from './classes.js';
import {color, faded, fontFamily} from './colors.js';
import {duration, number, t} from './words.js';

// Draws the timeline on a canvas: lanes for the classes, what was sent left of "now", what waits right of it.

export const CELL = 5;
const TOP = 46;
const AXIS = 24;
const TALLEST_CELL = 20;
const LANE_GAP = 8;
/** Below this, cells are too small to be seen one by one, and a column is a bar. */
const SMALLEST_CELL = 3;
const OLDEST_ALPHA = 0.3;
const SPAN_COLORS = {pause: 'warn', retreat: 'soft', recover: 'soft', learned: 'soft'};

/** Where things are: the axis of time in x, the lanes in y. */
export function layout(width, height, past, future) {
  const left = width < 560 ? 52 : 76;
  const right = width - 8;
  const lane = (height - TOP - AXIS) / CLASSES.length;
  const perSecond = (right - left) / (past + future);
  return {
    width, height, left, right, top: TOP, bottom: height - AXIS, perSecond, past, future,
    x: seconds => left + (seconds + past) * perSecond,
    laneHeight: lane - LANE_GAP,
    baseline: priority => TOP + (CLASSES.indexOf(priority) + 1) * lane
  };
}

/** The height of one request, the same in all lanes. */
export const cellHeight = (most, {laneHeight}) => Math.min(TALLEST_CELL, laneHeight / Math.max(1, most));

export const columnWidth = (column, {perSecond}) => Math.max(2, column.marks[0].isBin ? perSecond - 1 : CELL - 1);

function words(g, size = 12) {
  g.font = `${size}px ${fontFamily()}`;
  g.textBaseline = 'middle';
}

/** Text on a plate in the colour of the card, so that it can be read over what is behind. */
function plate(g, text, x, y, ink) {
  const width = g.measureText(text).width;
  g.fillStyle = color('card');
  g.fillRect(x - width / 2 - 4, y - 8, width + 8, 16);
  g.fillStyle = color(ink);
  g.textAlign = 'center';
  g.fillText(text, x, y);
}

function paintSpans(g, place, spans, now) {
  g.textAlign = 'left';
  // Widest first, so that a label is not hidden by a later shade.
  spans.forEach(({kind, from, to, rpm}, row) => {
    const begin = Math.max(place.left, place.x(from - now));
    const end = Math.min(place.right, to === Infinity ? place.right : place.x(to - now));
    if (end <= begin) return;
    const name = SPAN_COLORS[kind] ?? 'soft';
    g.fillStyle = faded(name, kind === 'pause' ? 0.16 : 0.08);
    g.fillRect(begin, place.top - 8, end - begin, place.bottom - place.top + 8);
    g.fillStyle = faded(name, 0.7);
    g.fillRect(begin, place.top - 8, end - begin, 1);
    const label = t(`span-${kind}`, {rpm: number(rpm), time: duration(Math.max(0, to - now))});
    if (g.measureText(label).width + 10 > end - begin) return;
    g.fillStyle = color(kind === 'pause' ? 'warn' : 'soft');
    g.fillText(label, begin + 5, place.top + 2 + row % 3 * 14);
  });
}

function paintFrame(g, place, {clock, window}) {
  g.fillStyle = color('soft');
  const names = place.left > 60;
  for (const priority of CLASSES) {
    const y = Math.round(place.baseline(priority)) + 0.5;
    g.strokeStyle = color('line');
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(place.left, y);
    g.lineTo(place.right, y);
    g.stroke();
    g.fillStyle = color(priority);
    g.fillRect(0, y - 9, 8, 8);
    g.fillStyle = color('text');
    g.textAlign = 'left';
    g.fillText(t(priority), names ? 15 : 12, y - 5);
  }
  const every = place.perSecond * 10 < 48 ? 20 : 10;
  const y = place.bottom + 14;
  g.textAlign = 'center';
  for (let s = -Math.floor(place.past / every) * every; s <= place.future; s += every) {
    const x = Math.round(place.x(s)) + 0.5;
    g.fillStyle = color('line');
    g.fillRect(x - 0.5, place.bottom, 1, 4);
    if (s === 0 || x > place.right - 14 || x < place.left + 12) continue;
    g.fillStyle = color('soft');
    g.fillText(t('axis-seconds', {n: `${s < 0 ? '−' : '+'}${Math.abs(s)}`}), x, y);
  }
  const back = place.x(-window);
  g.setLineDash([2, 3]);
  g.strokeStyle = color('soft');
  g.beginPath();
  g.moveTo(back, place.top - 8);
  g.lineTo(back, place.bottom);
  g.stroke();
  g.setLineDash([]);
  const now = Math.round(place.x(0)) + 0.5;
  g.strokeStyle = color('text');
  g.lineWidth = 1.5;
  g.beginPath();
  g.moveTo(now, place.top - 12);
  g.lineTo(now, place.bottom + 4);
  g.stroke();
  g.fillStyle = color('text');
  g.textAlign = 'center';
  g.fillText(place.width < 560 ? t('now') : t('now-clock', {clock}), now, y);
}

function paintColumn(g, place, column, x, cell) {
  const {kind, priority, stack} = column;
  const base = place.baseline(priority) - 1;
  const width = columnWidth(column, place);
  const left = x - width / 2;
  const alone = cell >= SMALLEST_CELL && !column.marks[0].isBin;
  const heights = alone
    ? column.marks.map((mark, i) => [base - (i + 1) * cell, cell - 1, mark])
    : [[base - stack * cell, stack * cell, column.marks[0]]];
  for (const [top, height, mark] of heights) {
    g.fillStyle = color(mark.outcome === 'refused' || mark.outcome === 'failed' ? 'bad' : priority);
    if (kind === 'sent') {
      g.fillRect(left, top, width, Math.max(1, height));
    } else {
      const alpha = g.globalAlpha;
      g.globalAlpha = alpha * 0.2;
      g.fillRect(left, top, width, Math.max(1, height));
      g.globalAlpha = alpha;
      g.strokeStyle = color(priority);
      g.lineWidth = 1;
      g.strokeRect(left + 0.5, top + 0.5, width - 1, Math.max(1, height - 1));
    }
  }
}

function paintDeadlines(g, place, waiting, now) {
  const seen = new Set();
  for (const {deadline, priority, time} of waiting) {
    if (deadline === undefined) continue;
    const x = place.x(deadline - now);
    const key = `${priority} ${Math.round(x / 5)}`;
    if (x > place.right - 3 || x < place.left || seen.has(key)) continue;
    seen.add(key);
    const y = place.baseline(priority) - 4;
    g.fillStyle = color(deadline < time ? 'bad' : 'text');
    g.beginPath();
    g.moveTo(x, y - 4);
    g.lineTo(x + 4, y);
    g.lineTo(x, y + 4);
    g.lineTo(x - 4, y);
    g.fill();
  }
}

/** From a sent request to the one that takes its slot: always a window apart. */
export function paintArc(g, place, from, to, now, label) {
  const [x1, x2] = [place.x(from.time - now), place.x(Math.max(to.time - now, 0))];
  if (x2 > place.right || x1 < place.left - 4) return;
  const y1 = place.top - 2;
  const top = place.top - 40;
  g.strokeStyle = color('text');
  g.lineWidth = 1;
  g.beginPath();
  g.moveTo(x1, y1);
  g.bezierCurveTo(x1, top, x2, top, x2, y1);
  g.stroke();
  g.fillStyle = color('text');
  g.beginPath();
  g.moveTo(x2 - 4, y1 - 5);
  g.lineTo(x2 + 4, y1 - 5);
  g.lineTo(x2, y1 + 2);
  g.fill();
  g.beginPath();
  g.arc(x1, y1, 2.5, 0, 7);
  g.fill();
  for (const [mark, x] of [[from, x1], [to, x2]]) {
    g.setLineDash([1, 3]);
    g.beginPath();
    g.moveTo(x, y1 + 3);
    g.lineTo(x, place.baseline(mark.priority) - 2);
    g.stroke();
    g.setLineDash([]);
  }
  if (label && x2 - x1 > g.measureText(label).width + 24) plate(g, label, (x1 + x2) / 2, place.top - 32, 'text');
}

/** The time in which nothing is sent, measured along the axis. */
function paintGap(g, place, seconds) {
  const [x1, x2] = [place.x(0) + 3, place.x(seconds) - 3];
  const label = duration(Math.ceil(seconds));
  if (x2 > place.right || x2 - x1 < g.measureText(label).width + 26) return;
  const y = (place.top + place.bottom) / 2 - 18;
  g.strokeStyle = color('soft');
  g.lineWidth = 1;
  g.beginPath();
  g.moveTo(x1, y);
  g.lineTo(x2, y);
  for (const x of [x1, x2]) {
    g.moveTo(x, y - 4);
    g.lineTo(x, y + 4);
  }
  g.stroke();
  plate(g, label, (x1 + x2) / 2, y, 'text');
}

/** What lies beyond the right end, as a number in its lane. */
function paintLater(g, place, columns, now) {
  g.textAlign = 'right';
  for (const priority of CLASSES) {
    const later = columns.filter(one => one.kind === 'waiting' && one.priority === priority && place.x(one.time - now) > place.right)
      .reduce((sum, {count}) => sum + count, 0);
    if (later === 0) continue;
    const text = t('later', {n: number(later)});
    const width = g.measureText(text).width;
    const y = place.baseline(priority) - 10;
    g.fillStyle = color('card');
    g.fillRect(place.right - width - 6, y - 8, width + 6, 16);
    g.fillStyle = color('text');
    g.textAlign = 'right';
    g.fillText(text, place.right - 2, y);
  }
}

/**
 * @param scene what is drawn: marks, columns, now (seconds of the server's clock), cell (height of a request), arc (from,
 *   to and label), gap in seconds, chosen column, clock (of now, as text)
 */
export function paint(g, place, {marks, columns, now, cell, arc, gap, chosen, clock}) {
  g.clearRect(0, 0, place.width, place.height);
  words(g);
  paintSpans(g, place, marks.spans, now);
  paintFrame(g, place, {clock, window: marks.window});
  g.save();
  g.beginPath();
  g.rect(place.left - 3, 0, place.right - place.left + 6, place.height);
  g.clip();
  for (const column of columns) {
    const seconds = column.kind === 'sent' ? column.time - now : Math.max(0, column.time - now);
    const x = place.x(seconds) + (column.kind === 'waiting' && seconds === 0 ? CELL : 0);
    if (x < place.left - 3 || x > place.right) continue;
    const age = Math.max(0, -seconds) / marks.window;
    g.globalAlpha = column.kind === 'sent' ? age > 1 ? 0 : 1 - (1 - OLDEST_ALPHA) * age : 1;
    if (column === chosen) {
      g.globalAlpha = 1;
      g.fillStyle = faded('text', 0.14);
      g.fillRect(x - 7, place.baseline(column.priority) - place.laneHeight - 2, 14, place.laneHeight + 2);
    }
    paintColumn(g, place, column, x, cell);
  }
  g.globalAlpha = 1;
  paintDeadlines(g, place, marks.waiting, now);
  if (gap !== undefined) paintGap(g, place, gap);
  if (arc) paintArc(g, place, arc.from, arc.to, now, arc.label);
  paintLater(g, place, columns, now);
  g.restore();
}
