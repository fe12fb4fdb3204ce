import {color, faded, fontFamily, onColors} from './colors.js';
import {element, text} from './dom.js';
import {clock, number, shortClock, t} from './words.js';

// One chart of the history, drawn by uPlot: areas that stand on each other, lines or bars. All charts share the crosshair
// and the zoom.

const {uPlot} = globalThis;
const HEIGHT = 172;
const GUTTER = 96;
const NARROW_GUTTER = 64;
const LABEL_HEIGHT = 14;
const NARROW = 480;
const SYNC = 'history';
/** A threshold that is further off than this many times the highest value is only named. */
const FAR = 2.5;

const zoomed = {view: undefined, charts: new Set()};

/** Shows this part of the time in all charts, or everything. */
export function zoom(view) {
  zoomed.view = view;
  for (const chart of zoomed.charts) chart.rescale();
  document.dispatchEvent(new CustomEvent('zoom', {detail: view}));
}

const last = values => values.at(-1);

/**
 * @param figure is filled
 * @param options
 *   title, unit (a function, since it may change with the distance of the points),
 *   series: name, color (of the style sheet), value of a point (given its place, all points, and their distance), and kind:
 *   area (stands on the one before), line or bar (stands on the one before),
 *   threshold: a value and its name, or undefined, for each history
 */
export function plot(figure, {title, unit, series, threshold = () => undefined}) {
  const head = element('figcaption', 'head');
  const unitText = element('span', 'soft');
  const readout = element('ul', 'readout');
  const name = element('h2', '', title);
  const titles = element('div', 'titles');
  titles.append(name, unitText);
  head.append(titles, readout);
  const holder = element('div', 'plot');
  holder.tabIndex = 0;
  holder.setAttribute('role', 'img');
  const empty = element('p', 'soft no-data');
  figure.replaceChildren(head, holder, empty);

  const moment = element('li', 'moment');
  const entries = series.map(one => {
    const entry = element('li');
    const swatch = element('span', 'swatch');
    swatch.style.setProperty('--swatch', `var(--${one.color})`);
    const value = element('b', '', '–');
    entry.append(swatch, element('span', '', one.name), value);
    return {entry, value};
  });
  readout.append(moment, ...entries.map(({entry}) => entry));

  const bars = series.some(({kind}) => kind === 'bar');
  // What stands on something below is drawn before it where it is opaque (bars), and after it where it is not (areas).
  const order = bars ? series.map((_, s) => series.length - 1 - s) : series.map((_, s) => s);

  let chart;
  let history = {points: [], step: 5, from: 0, to: 60};
  let times = [];
  let raw = [];
  let tops = [];

  function measure() {
    const {points, step} = history;
    times = points.map(({timestamp}) => timestamp);
    raw = series.map(({value}) => points.map((point, i) => value(point, i, points, step)));
    tops = [];
    series.forEach(({kind}, s) => {
      const stands = kind !== 'line' && s > 0 && series[s - 1].kind === kind;
      tops.push(stands ? raw[s].map((value, i) => value + tops[s - 1][i]) : raw[s]);
    });
  }

  measure();
  const data = () => [times, ...order.map(s => tops[s])];

  const gutter = () => holder.clientWidth < NARROW ? NARROW_GUTTER : GUTTER;

  function highest() {
    const known = Math.max(0, ...tops.flat());
    const line = threshold(history);
    return line && line.value <= Math.max(known, 1) * FAR ? Math.max(known, line.value * 1.08) : known;
  }

  function tell(i) {
    const known = i !== undefined && i !== null && i >= 0 && i < times.length;
    text(moment, known ? clock(times[i]) : '');
    entries.forEach(({value}, s) => text(value, times.length === 0 ? '–' : number(raw[s][known ? i : times.length - 1])));
  }

  /** The name of each series at its end, none over another. */
  function labels(u) {
    const g = u.ctx;
    const scale = devicePixelRatio;
    const right = (u.bbox.left + u.bbox.width) / scale + 6;
    const bottom = (u.bbox.top + u.bbox.height) / scale;
    const at = u.valToIdx(u.scales.x.max);
    const marks = series.map((one, s) => {
      const high = u.valToPos(tops[s][at] ?? 0, 'y', true) / scale;
      const low = one.kind === 'line' ? high : u.valToPos((tops[s][at] ?? 0) - (raw[s][at] ?? 0), 'y', true) / scale;
      return {name: one.name, ink: one.color, y: (high + low) / 2, seen: raw[s].some(value => value > 0)};
    }).filter(({seen}) => seen);
    const line = threshold(history);
    if (line) {
      const near = line.value <= u.scales.y.max;
      const y = near ? u.valToPos(line.value, 'y', true) / scale : u.bbox.top / scale + 6;
      marks.push({name: near ? line.name : `${line.name} ↑`, ink: 'soft', y, seen: true});
    }
    marks.sort((a, b) => b.y - a.y);
    let free = bottom - 4;
    for (const mark of marks) {
      mark.y = Math.min(mark.y, free);
      free = mark.y - LABEL_HEIGHT;
    }
    let taken = u.bbox.top / scale - LABEL_HEIGHT + 6;
    for (const mark of marks.toReversed()) {
      mark.y = Math.max(mark.y, taken + LABEL_HEIGHT);
      taken = mark.y;
    }
    g.save();
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.font = `12px ${fontFamily()}`;
    g.textAlign = 'left';
    g.textBaseline = 'middle';
    for (const {name: label, ink, y} of marks) {
      g.fillStyle = color(ink);
      g.fillRect(right, y - 1, 6, 2);
      g.fillStyle = color('soft');
      g.fillText(label, right + 10, y, gutter() - 16);
    }
    if (line && line.value <= u.scales.y.max) {
      const y = Math.round(u.valToPos(line.value, 'y', true) / scale) + 0.5;
      g.strokeStyle = color('soft');
      g.setLineDash([5, 4]);
      g.beginPath();
      g.moveTo(u.bbox.left / scale, y);
      g.lineTo((u.bbox.left + u.bbox.width) / scale, y);
      g.stroke();
    }
    g.restore();
  }

  function look(s) {
    const {kind, color: ink, dash} = series[s];
    if (kind === 'bar') {
      return {fill: () => color(ink), width: 0, points: {show: false}, paths: uPlot.paths.bars({size: [0.7, 14], align: 0})};
    }
    const one = {stroke: () => color(ink), width: kind === 'line' ? 1.5 : 1, dash, points: {show: () => times.length < 2, size: 4, fill: () => color(ink)}};
    return kind === 'area' ? {...one, fill: () => faded(ink, 0.35)} : one;
  }

  function make() {
    const bands = bars ? [] : series.map(({kind}, s) => ({kind, s}))
      .filter(({kind, s}) => kind === 'area' && s > 0 && series[s - 1].kind === 'area').map(({s}) => ({series: [s + 1, s]}));
    chart = new uPlot({
      width: holder.clientWidth, height: HEIGHT, padding: [8, gutter(), 0, 0],
      legend: {show: false}, bands,
      series: [{}, ...order.map(look)],
      scales: {
        x: {time: true, range: () => zoomed.view ?? [history.from, history.to]},
        y: {range: () => [0, Math.max(1, highest() * 1.05)]}
      },
      axes: [
        {stroke: () => color('soft'), font: `12px ${fontFamily()}`, size: 26, gap: 4, space: 74, grid: {show: false},
          ticks: {stroke: () => color('line'), width: 1, size: 4},
          values: (_, splits, __, ___, step) => splits.map(at => step < 60 ? clock(at) : shortClock(at))},
        {stroke: () => color('soft'), font: `12px ${fontFamily()}`, size: 40, gap: 4, space: 36,
          grid: {stroke: () => color('faint'), width: 1}, ticks: {show: false}, values: (_, splits) => splits.map(number)}
      ],
      cursor: {
        y: false, points: bars ? {show: false} : {size: 6}, drag: {x: true, y: false, setScale: false, dist: 6},
        bind: {dblclick: () => () => { zoom(undefined); return null; }},
        sync: {key: SYNC, setSeries: false, filters: {pub: type => type === 'mousemove' || type === 'mouseleave'}}
      },
      hooks: {
        draw: [labels],
        setCursor: [u => tell(u.cursor.idx)],
        setSelect: [u => {
          const {left, width} = u.select;
          u.setSelect({left: 0, top: 0, width: 0, height: 0}, false);
          if (width > 0) zoom([u.posToVal(left, 'x'), u.posToVal(left + width, 'x')]);
        }]
      }
    }, data(), holder);
  }

  function render() {
    if (holder.clientWidth === 0) return; // in a tab that is not shown
    if (!chart) make();
    else chart.setData(data(), true);
  }

  function fit() {
    if (holder.clientWidth === 0) return;
    if (!chart) render();
    else if (chart.width !== holder.clientWidth) chart.setSize({width: holder.clientWidth, height: HEIGHT});
  }

  holder.addEventListener('keydown', event => {
    const steps = {ArrowLeft: -1, ArrowRight: 1};
    if (!chart || times.length === 0 || !(event.key in steps)) return;
    event.preventDefault();
    const from = chart.cursor.idx ?? times.length;
    const to = Math.max(0, Math.min(times.length - 1, from + steps[event.key]));
    chart.setCursor({left: chart.valToPos(times[to], 'x'), top: 10}, true, true);
  });
  holder.addEventListener('blur', () => chart?.setCursor({left: -10, top: -10}, true, true));
  new ResizeObserver(fit).observe(holder);
  const shown = {
    draw(fresh) {
      history = fresh;
      measure();
      text(unitText, unit(history));
      const nothing = times.length === 0 ? t('no-history') : raw.flat().every(value => !value) ? t('nothing-here') : '';
      text(empty, nothing);
      empty.hidden = !nothing;
      render();
      tell(chart?.cursor.idx);
      holder.setAttribute('aria-label', t('chart-label', {title, unit: unit(history), series: series.map((one, s) => t('chart-series', {
        name: one.name, now: number(last(raw[s])), max: number(Math.max(0, ...raw[s]))
      })).join(t('space'))}));
    },
    rescale: () => { if (chart && holder.clientWidth > 0) chart.setData(data(), true); }
  };
  zoomed.charts.add(shown);
  onColors(() => chart?.redraw());
  return shown;
}
