// What a person prefers on this machine: language, colours, single-letter keys. Kept in the browser, sent nowhere.
export type LocaleName = 'en' | 'zh';
export type Theme = 'system' | 'light' | 'dark';

const stored = (name: string): string | null => localStorage.getItem(`assent-${name}`);

const firstLocale = (): LocaleName =>
  (stored('locale') ?? navigator.languages.find((each) => /^(en|zh)\b/i.test(each)) ?? 'en').startsWith('zh')
    ? 'zh'
    : 'en';

let locale = $state<LocaleName>(firstLocale());
let theme = $state<Theme>((stored('theme') as Theme | null) ?? 'system');
let letters = $state(stored('letters') !== 'off');

export const preferences = {
  get locale() {
    return locale;
  },
  set locale(value: LocaleName) {
    locale = value;
    localStorage.setItem('assent-locale', value);
  },
  get theme() {
    return theme;
  },
  set theme(value: Theme) {
    theme = value;
    localStorage.setItem('assent-theme', value);
    applyTheme();
  },
  /** Whether single letters are keys of their own. */
  get letters() {
    return letters;
  },
  set letters(value: boolean) {
    letters = value;
    localStorage.setItem('assent-letters', value ? 'on' : 'off');
  },
};

export function applyTheme(): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
