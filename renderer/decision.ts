// The desktop app's window for one decision begins here. Its address says which round, in which language and colours.
import { mount } from 'svelte';
import { chooseLanguage } from './language.svelte.ts';
import { preferences, type LocaleName, type Theme } from './preferences.svelte.ts';
import Decision from './views/Decision.svelte';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';

const [, study = '', round, attempt, locale, theme] = globalThis.location.hash.split('/').map(decodeURIComponent);
preferences.theme = theme as Theme;
const props = { name: { study, round: Number(round), attempt: Number(attempt) } };
void chooseLanguage(locale as LocaleName).then(() => mount(Decision, { target: document.body, props }));
