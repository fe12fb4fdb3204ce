import {byId, element, hide, rows, text, write} from './dom.js';
import {clock, millis, number, t} from './words.js';
import {drawFlow, onTheMap} from './flow.js';

// The routes as they hang together, from what comes in to what goes out, with what has passed. Asked for only while it is
// looked at.

const EVERY = 2000;
/** The group of the routes that operators hardly edit. */
const OWN = 'sidecar';

let chosen = 'proxy';

function choose(id) {
  chosen = id;
  load();
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
  name.addEventListener('click', () => choose(name.textContent));
  row.cells[0].append(name);
  return row;
}

function show(graph) {
  const {routes} = graph;
  const shown = onTheMap(graph);
  drawFlow(graph, chosen, choose);
  const others = routes.filter(({id}) => !shown.has(id)).sort((a, b) => Number(a.group === OWN) - Number(b.group === OWN));
  rows(byId('other-routes'), others, makeOther, ({cells: [name, from, n]}, route) => {
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
    if (answer.ok) show(await answer.json());
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
