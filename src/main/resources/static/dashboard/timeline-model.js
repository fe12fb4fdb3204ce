import {CLASSES} from './classes.js';

// The minute as marks on an axis of time. Pure functions: a snapshot goes in, marks with times come out. Times are seconds
// of the server's clock, so that a mark keeps its time while "now" moves on.

/** Ages are rounded to a tenth of a second. Two snapshots mean the same mark when they differ by no more than this. */
const SAME_SECONDS = 0.2;
/** How exactly an expected start must meet a slot's return to say that it takes that slot. */
const SAME_SLOT_SECONDS = 1.2;

/** A bin stands in the middle of its second. */
const ofBins = (bins, timeOf, kind) => bins.flatMap(bin => CLASSES.filter(name => bin[name] > 0)
  .map(name => ({kind, priority: name, time: timeOf(bin), count: bin[name], isBin: true})));

/** Gives each new mark the time that it had before, so that rounding does not make it tremble. */
function settle(marks, before) {
  const free = [...before];
  for (const mark of marks) {
    let best = -1;
    free.forEach((old, i) => {
      if (old.priority === mark.priority && Math.abs(old.time - mark.time) <= SAME_SECONDS
        && (best < 0 || Math.abs(old.time - mark.time) < Math.abs(free[best].time - mark.time))) best = i;
    });
    if (best >= 0) mark.time = free.splice(best, 1)[0].time;
  }
  return marks;
}

/**
 * @param snapshot as the stream sends it
 * @param before what this function returned for the snapshot before, if any
 */
export function marksOf({timestamp: at, timeline, line, queue}, before) {
  const {window_seconds: window, sent_bins: sentBins = [], waiting_bins: waitingBins = [], spans = []} = timeline;
  const sent = [
    ...timeline.sent.map(one => ({...one, kind: 'sent', time: at - one.age_seconds, count: 1})),
    ...ofBins(sentBins, bin => at - bin.age_seconds - 0.5, 'sent')
  ];
  const known = line.filter(one => one.start_seconds !== undefined);
  const waiting = [
    ...known.map(one => ({
      ...one, kind: 'waiting', time: at + one.start_seconds, since: at - one.age_seconds, count: 1,
      deadline: one.deadline_seconds === undefined ? undefined : at + one.deadline_seconds
    })),
    ...ofBins(waitingBins, bin => at + bin.start_seconds + 0.5, 'waiting')
  ];
  const all = queue.current_size;
  const shown = waiting.reduce((sum, {count}) => sum + count, 0);
  return {
    at, window, unknown: Math.max(0, all - shown),
    sent: settle(sent, before?.sent ?? []),
    waiting: settle(waiting, before?.waiting ?? []),
    spans: spans.map(span => ({
      kind: span.kind, rpm: span.rpm, from: at + span.from_seconds,
      to: span.to_seconds === undefined ? Infinity : at + span.to_seconds
    }))
  };
}

/**
 * Marks of one kind and class that are too close to be told apart stand on each other. The stack of a column is its height in
 * requests.
 *
 * @param seconds the width of a column
 */
export function columnsOf(marks, seconds) {
  const columns = new Map();
  for (const mark of marks) {
    const place = mark.isBin ? mark.time : Math.floor(mark.time / seconds);
    const key = `${mark.priority} ${mark.isBin ? 'bin' : ''} ${place}`;
    const column = columns.get(key);
    if (column) {
      column.marks.push(mark);
      column.count += mark.count;
      column.stack += mark.count;
    } else {
      columns.set(key, {
        kind: mark.kind, priority: mark.priority, marks: [mark], count: mark.count,
        stack: mark.isBin ? mark.count * seconds : mark.count, // a second is wider, so the same number stands less high
        time: mark.isBin ? mark.time : (place + 0.5) * seconds
      });
    }
  }
  return [...columns.values()].sort((a, b) => a.time - b.time);
}

/** The sent request whose slot the one that starts then takes, if the start is when a slot returns. */
export function slotFor(start, {sent, window}) {
  let best;
  for (const mark of sent) {
    const distance = Math.abs(mark.time + window - start);
    if (distance <= SAME_SLOT_SECONDS && (best === undefined || distance < Math.abs(best.time + window - start))) best = mark;
  }
  return best;
}

/** The first who is expected to be sent. */
export const firstOf = ({waiting}) => waiting.reduce((first, mark) => first === undefined || mark.time < first.time ? mark : first, undefined);

/** The picture as a table: in each stretch of the axis, how many were sent or are expected. */
export function tableOf({at, window, sent, waiting}, every) {
  const rows = new Map();
  for (const mark of [...sent, ...waiting]) {
    const seconds = mark.time - at;
    const from = Math.floor(seconds / every) * every;
    const row = rows.get(from) ?? {from, to: from + every, high: 0, normal: 0, low: 0};
    row[mark.priority] += mark.count;
    rows.set(from, row);
  }
  return [...rows.values()].filter(({to}) => to > -window).sort((a, b) => a.from - b.from);
}
