import {byId, hide, tone, write} from './dom.js';
import {showOverview} from './overview.js';
import {drawCharts, loadHistory, showTraffic} from './traffic.js';
import {duration, number, t, translatePage} from './words.js';
import {select, startTabs} from './tabs.js';
import {showLine} from './line.js';
import {startConfiguration} from './configuration.js';
import {showGeneration, startRoutes} from './routes.js';
import {startStream} from './stream.js';

const SILENT_SECONDS = 5;

let back = false;

// A screen reader hears of changes of state, and not of every second.
function say(words) {
  write('said', words);
}

function showState({state, severity, causes}) {
  const words = t(`is-${state}`, {status: causes[0]?.status ?? ''});
  tone(byId('state'), severity);
  if (byId('state-text').textContent === words) return;
  write('state-text', words);
  say([back && t('said-back'), t('said-state', {state: words})].filter(Boolean).join(' '));
  back = false;
}

function show(snapshot) {
  document.title = t('title', {n: number(snapshot.queue.current_size)});
  write('uptime', duration(Math.floor(snapshot.uptime_seconds)));
  showState(snapshot.condition);
  showOverview(snapshot);
  showLine(snapshot);
  showGeneration(snapshot.routes);
  showTraffic(snapshot);
  link('metrics-link', snapshot.metrics_port, '/metrics');
  link('hawtio-link', snapshot.metrics_port, '/hawtio');
}

function link(id, port, path) {
  const address = `${location.protocol}//${location.hostname}:${port}${path}`;
  if (byId(id).href !== address) byId(id).href = address;
}

function stale(isStale) {
  document.body.classList.toggle('stale', isStale);
  // What is old is only to be looked at; who is about to change a setting goes on.
  for (const panel of document.querySelectorAll('[role=tabpanel]')) panel.inert = isStale && panel.id !== 'configuration';
  hide(byId('note'), !isStale);
  if (isStale) {
    write('note', t('stale', {s: SILENT_SECONDS}));
    write('state-text', t('lost'));
    tone(byId('state'), 'bad');
    say(t('said-stale'));
  } else {
    back = true;
  }
}

translatePage();
write('state-text', t('connecting'));
startTabs();
document.addEventListener('tab', drawCharts);
byId('all-of-line').addEventListener('click', () => select(byId('tab-line'), true));
startConfiguration();
startRoutes();
drawCharts();
startStream({onSnapshot: show, onConnect: loadHistory, onStale: stale});
