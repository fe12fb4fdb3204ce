import {element} from './dom.js';
import {number, t} from './words.js';

// A chart of the last 15 minutes: lines, or areas that stand on each other. Drawn as SVG in units of the picture itself,
// so that text keeps its size however wide the card is.

const SVG = 'http://www.w3.org/2000/svg';
const HEIGHT = 150;
const LEFT = 34;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 20;
const MINUTES = [15, 10, 5, 0];

function shape(name, attributes, className) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (className) made.setAttribute('class', className);
  return made;
}

/** The least round number that is no less. */
function round(value) {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map(step => step * magnitude).find(step => step >= value) ?? 1;
}

function label(x, y, words, anchor) {
  const made = shape('text', {x, y, 'text-anchor': anchor}, 'tick');
  made.textContent = words;
  return made;
}

/**
 * @param figure is filled
 * @param series what is drawn: name, color (a class of the style sheet), value of a point (given its place and all points), and whether it is stacked
 */
export function chart(figure, title, unit, series) {
  const head = element('figcaption', 'head');
  head.append(element('h2', '', title), element('span', 'soft', unit));
  const legend = element('ul', 'legend');
  const entries = series.map(({name, color}) => {
    const entry = element('li', `of-${color}`);
    const value = element('b', '', '–');
    entry.append(element('span', 'swatch'), element('span', '', name), value);
    legend.append(entry);
    return value;
  });
  const svg = shape('svg', {role: 'img', height: HEIGHT}, 'plot');
  figure.replaceChildren(head, svg, legend);

  let shown = {points: [], every: 5, most: 180};
  let pointed;

  /** Where the lines are: what is stacked stands on what is below. */
  function heights(row) {
    let sum = 0;
    return row.map((value, s) => series[s].stacked ? (sum += value) : value);
  }

  function tell(row) {
    entries.forEach((entry, s) => { entry.textContent = row ? number(row[s]) : '–'; });
  }

  function render() {
    const {points, every, most} = shown;
    const width = svg.clientWidth;
    if (width === 0) return; // in a tab that is not shown
    const right = width - RIGHT;
    const bottom = HEIGHT - BOTTOM;
    const values = points.map((point, i) => series.map(({value}) => value(point, i, points)));
    const rowsOf = values.map(heights);
    const top = round(Math.max(1, ...rowsOf.flat()));
    const x = i => right - (points.length - 1 - i) * (right - LEFT) / (most - 1);
    const y = value => bottom - value / top * (bottom - TOP);
    const parts = [];
    for (const part of [0, 0.5, 1]) {
      const at = Math.round(y(part * top)) + 0.5;
      parts.push(shape('line', {x1: LEFT, x2: right, y1: at, y2: at}, 'rule'), label(LEFT - 6, at + 4, number(part * top), 'end'));
    }
    for (const minutes of MINUTES) {
      const at = right - minutes * 60 / every * (right - LEFT) / (most - 1);
      parts.push(label(Math.max(at, LEFT), HEIGHT - 4, minutes === 0 ? t('now') : t('minutes-ago', {n: `−${minutes}`}),
        minutes === 0 ? 'end' : minutes === MINUTES[0] ? 'start' : 'middle'));
    }
    if (points.length > 0) {
      series.forEach(({color, stacked}, s) => {
        const path = rowsOf.map((row, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)} ${y(row[s]).toFixed(1)}`).join('');
        if (stacked) {
          const below = rowsOf.map((row, i) => `L${x(i).toFixed(1)} ${y(s > 0 ? row[s - 1] : 0).toFixed(1)}`).reverse().join('');
          parts.push(shape('path', {d: `${path}${below}Z`}, `area of-${color}`));
        } else {
          parts.push(shape('path', {d: path}, `stroke of-${color}`));
        }
        if (points.length === 1) parts.push(shape('circle', {cx: x(0), cy: y(rowsOf[0][s]), r: 2}, `dot-of of-${color}`));
      });
    } else {
      parts.push(label((LEFT + right) / 2, HEIGHT / 2, t('no-history'), 'middle'));
    }
    const at = pointed === undefined ? undefined : Math.min(points.length - 1, Math.max(0, points.length - 1 - pointed));
    if (at !== undefined && at >= 0) parts.push(shape('line', {x1: x(at), x2: x(at), y1: TOP, y2: bottom}, 'cross'));
    svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`);
    svg.replaceChildren(...parts);
    tell(values.at(at ?? -1));
    svg.setAttribute('aria-label', t('chart-label', {title, series: series.map(({name}, s) => t('chart-series', {
      name, now: number(values.at(-1)?.[s]), max: number(Math.max(0, ...values.map(row => row[s])))
    })).join(' ')}));
  }

  svg.addEventListener('pointermove', event => {
    const box = svg.getBoundingClientRect();
    pointed = Math.round((box.right - RIGHT - event.clientX) / ((box.width - LEFT - RIGHT) / (shown.most - 1)));
    render();
  });
  svg.addEventListener('pointerleave', () => {
    pointed = undefined;
    render();
  });
  new ResizeObserver(render).observe(svg);

  return {
    draw(points, every, most) {
      shown = {points, every, most};
      render();
    }
  };
}
