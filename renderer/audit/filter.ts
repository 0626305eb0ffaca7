// What a person asks the log for, in the form in which the node takes it.

/** Kinds of record that people look for together, by their first words. */
const THEMES = {
  decisions: ['approval', 'policy', 'release'],
  rounds: ['round', 'training', 'update', 'receipt', 'message'],
  people: ['account', 'session', 'rules'],
  data: ['dataset', 'quality', 'mapping', 'model', 'local'],
  studies: ['study'],
  consortium: ['enrolment', 'directory', 'network'],
  log: ['log', 'program', 'ledger', 'opening', 'retention'],
} as const;

export type Theme = keyof typeof THEMES;
export const THEME_NAMES = Object.keys(THEMES) as Theme[];
export const kindsOf = (theme: Theme | ''): string[] => (theme === '' ? [] : [...THEMES[theme]]);

/** Days that count, the last of them today. */
const DAYS: Readonly<Record<string, number>> = { today: 1, week: 7, month: 30, year: 365 };
export const PERIODS = [...Object.keys(DAYS), 'between'] as const;

/** The reader's own days, as the times at which they begin and end. */
export function periodOf(
  { period, from, to }: { period: string; from: string; to: string },
  now = new Date(),
): { from: string; to: string } {
  const days = DAYS[period];
  if (days !== undefined) {
    const first = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days + 1);
    return { from: first.toISOString(), to: '' };
  }
  if (period !== 'between') return { from: '', to: '' };
  return { from: startOf(from, 0), to: startOf(to, 1) };
}

/** When the day begins; or, with `after` 1, the last millisecond of it. Nothing where no day was given. */
function startOf(day: string, after: 0 | 1): string {
  const [year, month, date] = day.split('-').map(Number);
  if (!year || !month || !date) return '';
  return new Date(new Date(year, month - 1, date + after).valueOf() - after).toISOString();
}
