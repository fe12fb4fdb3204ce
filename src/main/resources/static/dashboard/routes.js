import {byId, element, hide, rows, text, write} from './dom.js';
import {clock, millis, number, t} from './words.js';

// The routes as they hang together, from what comes in to what goes out, with what has passed. Asked for only while it is
// looked at.

const EVERY = 2000;
const SVG = 'http://www.w3.org/2000/svg';

let chosen = 'proxy';
let drawn = '';

const counts = ({total, failed, in_flight: now}) => total === undefined ? '' : [t('passed', {n: number(total)}),
  now > 0 && t('inside', {n: number(now)}), failed > 0 && t('failed-n', {n: number(failed)})].filter(Boolean).join(' · ');

/** Those that lead to another one or are led to, each with the longest way to it. */
function onTheWay(routes) {
  const ids = new Map(routes.map(route => [route.id, route]));
  const led = new Set(routes.flatMap(route => route.next));
  const depths = new Map();
  const visit = (route, depth, path) => {
    if (path.has(route.id) || (depths.get(route.id) ?? -1) >= depth) return;
    depths.set(route.id, depth);
    for (const id of route.next) visit(ids.get(id), depth + 1, new Set(path).add(route.id));
  };
  for (const route of routes) if (route.next.length > 0 && !led.has(route.id)) visit(route, 0, new Set());
  return depths;
}

function box(route) {
  const button = element('button', 'route');
  button.type = 'button';
  button.dataset.route = route.id;
  button.append(element('b', '', route.id), element('span', 'soft', ''));
  if (route.description) button.title = route.description;
  button.addEventListener('click', () => { chosen = route.id; load(); });
  return button;
}

function build(routes, depths) {
  const map = byId('route-map');
  const columns = [];
  for (const route of routes) {
    if (!depths.has(route.id)) continue;
    const column = columns[depths.get(route.id)] ??= element('div', 'route-column');
    column.append(box(route));
  }
  map.replaceChildren(document.createElementNS(SVG, 'svg'), ...columns);
}

/** From the right of one box to the left of the next; what passes others by goes around them. */
function connect(routes, depths) {
  const map = byId('route-map');
  const svg = map.firstChild;
  const origin = map.getBoundingClientRect();
  const boxes = new Map([...map.querySelectorAll('.route')].map(each => [each.dataset.route, each.getBoundingClientRect()]));
  svg.setAttribute('width', map.scrollWidth);
  svg.setAttribute('height', map.scrollHeight);
  svg.setAttribute('aria-hidden', 'true');
  const lines = [];
  for (const route of routes) {
    for (const id of route.next) {
      const from = boxes.get(route.id);
      const to = boxes.get(id);
      if (!from || !to) continue;
      const [x1, y1, x2, y2] = [from.right - origin.left + map.scrollLeft, from.top + from.height / 2 - origin.top,
        to.left - origin.left + map.scrollLeft - 5, to.top + to.height / 2 - origin.top];
      const bend = Math.max(18, (x2 - x1) / 2);
      const around = depths.get(id) > depths.get(route.id) + 1 ? from.height * .95 * (y1 > y2 ? 1 : -1) : 0;
      const path = document.createElementNS(SVG, 'path');
      path.setAttribute('d', `M${x1},${y1} C${x1 + bend},${y1 + around} ${x2 - bend},${y2 + around} ${x2},${y2}`);
      const head = document.createElementNS(SVG, 'path');
      head.setAttribute('class', 'head-of');
      head.setAttribute('d', `M${x2 + 5},${y2} l-7,-4 v8 z`);
      lines.push(path, head);
    }
  }
  svg.replaceChildren(...lines);
}

function makeStep() {
  const row = element('tr');
  for (const className of ['step', '', 'n']) row.append(element('td', className));
  return row;
}

function showSteps(route) {
  write('route-name', route.id);
  write('route-from', `${route.from}${route.mean_ms === undefined ? '' : ` · ${t('mean', {time: millis(route.mean_ms)})}`}`);
  write('route-description', route.description ?? '');
  rows(byId('step-rows'), route.steps, makeStep, ({cells: [id, what, n]}, step) => {
    id.style.setProperty('--depth', String(step.depth));
    text(id, step.id);
    text(what, [step.to ? `→ ${step.to}` : '', step.description ?? (step.to ? '' : step.kind)].filter(Boolean).join(' · '));
    text(n, step.total === undefined ? '–' : number(step.total));
  });
}

function makeOther() {
  const row = element('tr');
  for (const className of ['', '', 'n']) row.append(element('td', className));
  const name = element('button', 'link');
  name.type = 'button';
  name.addEventListener('click', () => { chosen = name.textContent; load(); });
  row.cells[0].append(name);
  return row;
}

function show(routes) {
  const depths = onTheWay(routes);
  const shape = JSON.stringify(routes.map(({id, next, description}) => [id, next, description]));
  if (shape !== drawn) build(routes, depths);
  drawn = shape;
  for (const each of byId('route-map').querySelectorAll('.route')) {
    const route = routes.find(({id}) => id === each.dataset.route);
    text(each.lastChild, counts(route));
    each.setAttribute('aria-pressed', String(route.id === chosen));
  }
  connect(routes, depths);
  rows(byId('other-routes'), routes.filter(({id}) => !depths.has(id)), makeOther, ({cells: [name, from, n]}, route) => {
    text(name.firstChild, route.id);
    text(from, route.from);
    text(n, route.total === undefined ? '–' : number(route.total));
    name.title = route.description ?? '';
  });
  showSteps(routes.find(({id}) => id === chosen) ?? routes[0]);
}

/** What is in force, and on every page when what is in the folder is not. */
export function showGeneration({generation, loaded_at: since, draining, files, last_error: error}) {
  const [problem, ...more] = error?.problems ?? [];
  hide(byId('routes-note'), !problem);
  if (problem) {
    const place = [problem.file, problem.line, problem.column].filter(Boolean).join(':');
    write('routes-note', t('routes-refused', {
      problem: [place, problem.reason].filter(Boolean).join(': '), n: number(generation),
      more: more.length > 0 ? t('routes-more', {n: number(more.length)}) : '',
    }));
  }
  write('way-caption', [t('way-caption', {n: number(generation), since: clock(since)}),
    draining > 0 && t('routes-draining', {n: number(draining)})].filter(Boolean).join(' '));
  byId('way-caption').title = files.join('\n');
}

async function load() {
  if (byId('routes').hidden || document.hidden) return;
  try {
    const answer = await fetch('/api/dashboard/topology', {cache: 'no-store', signal: AbortSignal.timeout(5000)});
    if (answer.ok) show((await answer.json()).routes);
    hide(byId('routes-error'), answer.ok);
  } catch {
    hide(byId('routes-error'), false);
  }
}

export function startRoutes() {
  document.addEventListener('tab', load);
  window.addEventListener('resize', load);
  setInterval(load, EVERY);
  load();
}
