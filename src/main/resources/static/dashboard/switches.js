import {byId} from './dom.js';
import {chosenLanguage, LANGUAGE} from './words.js';

// Theme and language. Both follow the browser until the viewer chooses, and the browser remembers the choice.

const THEME = 'sidecar-theme';

function store(key, value) {
  if (value === 'auto') localStorage.removeItem(key);
  else localStorage.setItem(key, value);
}

export function startSwitches() {
  const theme = byId('theme');
  theme.value = document.documentElement.dataset.theme ?? 'auto';
  theme.addEventListener('change', () => {
    store(THEME, theme.value);
    if (theme.value === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    document.dispatchEvent(new CustomEvent('theme-chosen'));
  });
  const language = byId('language');
  language.value = chosenLanguage();
  language.addEventListener('change', () => {
    store(LANGUAGE, language.value);
    location.reload();
  });
}
