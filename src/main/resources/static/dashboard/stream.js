// The stream of snapshots. EventSource comes back by itself after most failures, but not from a connection that is dead
// without knowing it: a watchdog replaces one that has said nothing for too long.

const SILENT_MS = 5000;
const RETRY_MS = 3000;
const LOOK_MS = 250;

/**
 * @param onSnapshot called with each snapshot
 * @param onConnect called each time the stream has begun anew
 * @param onStale called with true when nothing has come for 5 s, and with false when something has again
 */
export function startStream({onSnapshot, onConnect, onStale}) {
  let source;
  let lastEvent = performance.now();
  let opened = performance.now();
  let stale = false;

  function open() {
    source?.close();
    opened = performance.now();
    source = new EventSource('/api/dashboard/stream');
    source.addEventListener('open', onConnect);
    source.addEventListener('message', event => {
      lastEvent = performance.now();
      if (stale) {
        stale = false;
        onStale(false);
      }
      onSnapshot(JSON.parse(event.data));
    });
  }

  setInterval(() => {
    const now = performance.now();
    if (now - lastEvent >= SILENT_MS && !stale) {
      stale = true;
      onStale(true);
    }
    if (now - lastEvent >= SILENT_MS && now - opened >= RETRY_MS) open();
  }, LOOK_MS);
  open();
}
