import {byId, write} from './dom.js';
import {duration, number, t, translatePage} from './words.js';
import {freezeTimeline, showTimeline, startTimeline} from './timeline.js';
import {loadHistory, showTraffic, startTraffic} from './traffic.js';
import {showLost, showVerdict} from './verdict.js';
import {drawWaiting} from './flow.js';
import {showGeneration, startRoutes} from './routes.js';
import {showClients} from './clients.js';
import {showFleet} from './fleet.js';
import {showKeys} from './keys.js';
import {showOverview} from './overview.js';
import {showQueue} from './queue.js';
import {showRefused} from './refused.js';
import {startConfiguration} from './configuration.js';
import {startStream} from './stream.js';
import {startSwitches} from './switches.js';
import {startTabs} from './tabs.js';

const SILENT_SECONDS = 5;

let back = false;
let state;

// A screen reader hears of changes of state, and not of every second.
function say(words) {
  write('said', words);
}

function sayState(condition, headline) {
  if (state === condition.state && !back) return;
  say([back && t('said-back'), t('said-state', {state: headline})].filter(Boolean).join(t('space')));
  state = condition.state;
  back = false;
}

function show(snapshot) {
  document.title = t('title', {n: number(snapshot.queue.current_size)});
  write('uptime', duration(Math.floor(snapshot.uptime_seconds)));
  sayState(snapshot.condition, showVerdict(snapshot));
  showTimeline(snapshot);
  showOverview(snapshot);
  showQueue(snapshot);
  showClients(snapshot);
  showKeys(snapshot);
  showFleet(snapshot);
  showRefused(snapshot);
  showGeneration(snapshot.routes);
  drawWaiting(snapshot);
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
  if (isStale) {
    freezeTimeline();
    showLost(SILENT_SECONDS);
    say(t('said-stale'));
  } else {
    back = true;
  }
}

translatePage();
write('headline', t('connecting'));
startSwitches();
startTabs();
startTimeline();
startTraffic();
startConfiguration();
startRoutes();
startStream({onSnapshot: show, onConnect: loadHistory, onStale: stale});
