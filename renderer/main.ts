// The interface begins here: language, colours, the pass of this window, then the first page.
import { mount } from 'svelte';
import App from './App.svelte';
import { chooseLanguage } from './language.svelte.ts';
import { enterWindow } from './node.ts';
import { applyTheme, preferences } from './preferences.svelte.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';

applyTheme();
const ready = Promise.all([chooseLanguage(preferences.locale), enterWindow()]);
void ready.then(() => mount(App, { target: document.body }));
