import {byId, element, text} from './dom.js';
import {number, t} from './words.js';
import {head, layOut, path} from './flow-layout.js';

// The flow map: the routes on the way of a request as boxes, the ways between them as thick as their rates, those who wait as dots.

const SVG = 'http://www.w3.org/2000/svg';
const CLASSES = ['high', 'normal', 'low'];
const MOST_DOTS = 40;
const NARROW = 760;
const LEAST_ZOOM = .85;
const CLIENTS = 'clients';

let drawn = '';
let chart = new Map();

/** The ways between routes, and those from the clients and to the provider, which are no routes. */
function allWays({routes, ways}) {
  const between = ways.map(way => ({...way, id: `${way.from}>${way.to}>${way.kind}>${way.label ?? ''}`, back: way.kind === 'BACK'}));
  const led = new Set(ways.map(({to}) => to));
  const leads = new Set(ways.map(({from}) => from));
  const into = routes.filter(({id}) => leads.has(id) && !led.has(id))
    .map(route => ({id: `${CLIENTS}>${route.id}`, from: CLIENTS, to: route.id, kind: 'FORTH', last_minute: route.last_minute}));
  const out = routes.filter(({id, is_last: last}) => last && led.has(id))
    .map(route => ({id: `${route.id}>out`, from: route.id, to: outside(route), kind: 'FORTH', last_minute: route.last_minute}));
  return [...into, ...merged(between), ...out];
}

const outside = route => `outside ${route.id}`;

/** Ways that look the same are one, and are counted as one. */
const merged = ways => [...new Map(ways.map(way => [way.id, way])).values()];

/** The ids of the routes on the map. */
export const onTheMap = ({ways}) => new Set(ways.flatMap(({from, to}) => [from, to]));

function routeBox(route, onChoose) {
  const box = element('button', route.is_queue ? 'flow-box flow-queue' : 'flow-box');
  box.type = 'button';
  box.dataset.route = route.id;
  box.append(element('b', '', route.id));
  if (route.is_queue) box.append(element('span', 'flow-dots'));
  // As wide as it may become, so that nothing moves when it does.
  box.append(element('span', 'flow-counts', t('inside', {n: number(8888)})), element('span', 'flow-failed'));
  if (route.description) box.title = route.description;
  box.addEventListener('click', () => onChoose(route.id));
  return box;
}

const outsideBox = name => element('span', 'flow-outside', name);

function wayLabel(way) {
  const label = element('span', 'flow-label');
  label.dataset.kind = way.kind;
  if (way.description) label.title = way.description;
  if (way.has_gate) label.append(element('span', 'flow-gate', t('gate-closed')));
  if (way.label || way.back) label.append(element('span', 'flow-when', way.label ?? t('again')));
  // Likewise.
  label.append(element('span', 'flow-rate', t('per-minute', {n: number(888)})));
  return label;
}

function shape(name, className) {
  const made = document.createElementNS(SVG, name);
  made.setAttribute('class', className);
  return made;
}

/** What the layers are spread over; from top to bottom there is as much as they need. */
const roomIn = (map, direction) => direction === 'LR' ? map.parentElement.clientWidth : 0;
const size = box => ({width: box.offsetWidth, height: box.offsetHeight});

/** Makes everything anew and puts it where it belongs. */
function build(graph, ways, direction, onChoose) {
  const map = byId('route-map');
  const svg = shape('svg', 'flow-ways');
  svg.setAttribute('aria-hidden', 'true');
  map.style.setProperty('zoom', '1');
  map.replaceChildren(svg);
  map.dataset.direction = direction;
  const shown = onTheMap(graph);
  const boxes = new Map([[CLIENTS, outsideBox(t('flow-clients'))],
    ...graph.routes.filter(({id}) => shown.has(id)).map(route => [route.id, routeBox(route, onChoose)]),
    ...graph.routes.filter(route => ways.some(({to}) => to === outside(route))).map(route => [outside(route), outsideBox(t('the-provider'))])]);
  const labels = new Map(ways.map(way => [way.id, wayLabel(way)]));
  map.append(...boxes.values(), ...labels.values());
  for (const box of boxes.values()) box.style.setProperty('width', `${box.offsetWidth + 1}px`);
  const places = layOut([...boxes].map(([id, box]) => ({id, ...size(box)})),
    ways.map(way => ({...way, ...size(labels.get(way.id))})), direction, roomIn(map, direction));
  const put = (each, {x, y}) => {
    each.style.setProperty('left', `${x - each.offsetWidth / 2}px`);
    each.style.setProperty('top', `${y - each.offsetHeight / 2}px`);
  };
  for (const [id, box] of boxes) put(box, places.boxes.get(id));
  for (const [id, label] of labels) put(label, places.ways.get(id));
  map.style.setProperty('width', `${places.width}px`);
  map.style.setProperty('height', `${places.height}px`);
  // A little smaller rather than cut off.
  map.style.setProperty('zoom', direction === 'LR' ? String(Math.min(1, Math.max(LEAST_ZOOM, (roomIn(map, direction) - 2) / places.width))) : '1');
  svg.setAttribute('viewBox', `0 0 ${places.width} ${places.height}`);
  chart = new Map(ways.map(way => {
    const line = shape('path', 'flow-way');
    const end = shape('path', 'flow-head');
    for (const each of [line, end]) each.dataset.kind = way.kind;
    svg.append(line, end);
    return [way.id, {line, end, label: labels.get(way.id), points: places.ways.get(way.id).points, direction}];
  }));
}

/** A few pixels for one a minute, not many more for thousands. */
const thickness = perMinute => Math.min(1.5 + 1.1 * Math.log2(1 + perMinute / 4), 10);

function drawWay({id, last_minute: perMinute = 0}) {
  const {line, end, label, points, direction} = chart.get(id);
  const width = thickness(perMinute);
  const headSize = 7 + width * 1.1;
  line.setAttribute('d', path(points, direction, headSize * .8));
  line.style.setProperty('stroke-width', width.toFixed(1));
  end.setAttribute('d', head(points, direction, headSize));
  for (const each of [line, end, label]) each.classList.toggle('flow-active', perMinute > 0);
  text(label.lastChild, perMinute > 0 ? t('per-minute', {n: number(perMinute)}) : '');
}

function drawBox(box, route, chosen) {
  const {total, in_flight: inside, failed} = route;
  // The dots of the queue have a line of their own.
  if (!route.is_queue) text(box.querySelector('.flow-counts'), total === undefined ? '' : inside > 0 ? t('inside', {n: number(inside)}) : t('passed', {n: number(total)}));
  text(box.lastChild, failed > 0 ? t('failed-n', {n: number(failed)}) : '');
  box.setAttribute('aria-pressed', String(route.id === chosen));
}

/**
 * @param graph what the topology answers
 * @param chosen the id of the route whose steps are shown
 * @param onChoose called with the id of the route that is clicked
 */
export function drawFlow(graph, chosen, onChoose) {
  const map = byId('route-map');
  const ways = allWays(graph);
  const direction = map.parentElement.clientWidth < NARROW ? 'TB' : 'LR';
  const wanted = JSON.stringify([direction, roomIn(map, direction), graph.routes.map(({id, description}) => [id, description]),
    ways.map(({id, description, has_gate: gate}) => [id, description, gate])]);
  if (wanted !== drawn) build(graph, ways, direction, onChoose);
  drawn = wanted;
  ways.forEach(drawWay);
  for (const box of map.querySelectorAll('.flow-box')) drawBox(box, graph.routes.find(({id}) => id === box.dataset.route), chosen);
}

/** Dots for those who wait, and what the circuit does: from the snapshot of each second. */
export function drawWaiting({queue, circuit_breaker: circuit}) {
  for (const dots of document.querySelectorAll('.flow-dots')) {
    const {per_priority: waiting, current_size: all} = queue;
    const each = Math.max(1, all / MOST_DOTS);
    const wanted = CLASSES.flatMap(name => Array(Math.ceil(waiting[name] / each)).fill(name)).slice(0, MOST_DOTS);
    while (dots.children.length > wanted.length) dots.lastChild.remove();
    while (dots.children.length < wanted.length) dots.append(element('i', 'flow-dot'));
    wanted.forEach((name, i) => { dots.children[i].dataset.class = name; });
    text(dots.nextSibling, t(all === 0 ? 'nobody-waits' : 'flow-waiting', {n: number(all)}));
  }
  for (const gate of document.querySelectorAll('.flow-gate')) {
    gate.dataset.state = circuit.state;
    text(gate, t(`gate-${circuit.state}`));
  }
}
