// The keys of the window. None signs, declines, releases or exports; single letters rest in fields and can be turned off.
import { preferences } from './preferences.svelte.ts';

export type Keys = {
  jump(): void;
  section(number: number): void;
  lock(): void;
  help(): void;
  back(): void;
};

export function listenToKeys(keys: Keys): () => void {
  const listener = (event: KeyboardEvent) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (act(keys, event)) event.preventDefault();
  };
  addEventListener('keydown', listener);
  return () => removeEventListener('keydown', listener);
}

/** True when the key was one of ours. */
function act(keys: Keys, event: KeyboardEvent): boolean {
  const { key, altKey, shiftKey } = event;
  const command = event.ctrlKey || event.metaKey;
  if (document.querySelector('dialog[open]')) return false;
  if (command && !altKey && key.toLowerCase() === 'k') return done(keys.jump);
  if (command && !altKey && key.toLowerCase() === 'l') return done(keys.lock);
  if (altKey && !command && !shiftKey && /^Digit[1-8]$/.test(event.code))
    return done(() => keys.section(Number(event.code.slice(-1))));
  if (command || altKey) return false;
  const typing = isField(event.target);
  if (key === 'Escape') return typing ? done(leaveField) : done(keys.back);
  if (typing || !preferences.letters) return moved(key, typing);
  if (key === '?') return done(keys.help);
  if (key === '/') return focusOn('[data-key="search"]');
  if (key === 'f') return focusOn('[data-key="filter"]');
  if (key === 'd') return focusOn('[data-key="decision"]');
  if (key === '[' || key === ']') return moveAmong('main h2', key === ']' ? 1 : -1);
  return moved(key === 'j' ? 'ArrowDown' : key === 'k' ? 'ArrowUp' : key, false);
}

function moved(key: string, typing: boolean): boolean {
  if (typing || (key !== 'ArrowDown' && key !== 'ArrowUp')) return false;
  // A scrolling region under the focus scrolls, as everywhere.
  const held = document.activeElement;
  if (held?.getAttribute('role') === 'region' && !held.querySelector('[data-row]')) return false;
  return moveAmong('main [data-row]', key === 'ArrowDown' ? 1 : -1);
}

function done(work: () => void): true {
  work();
  return true;
}

function focusOn(selector: string): boolean {
  const found = document.querySelector<HTMLElement>(selector);
  found?.focus();
  return found !== null;
}

/** Focuses the next or previous of these, beginning at the one that has the focus. */
function moveAmong(selector: string, step: 1 | -1): boolean {
  const all = [...document.querySelectorAll<HTMLElement>(selector)];
  const at = all.findIndex((each) => each === document.activeElement);
  const next = at === -1 ? (step === 1 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step));
  const target = all[next];
  if (target && !target.matches('a, button, input')) target.tabIndex = -1;
  target?.focus();
  target?.scrollIntoView({ block: 'nearest' });
  return target !== undefined;
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
}

function leaveField(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}
