// Days as the node counts them: `2026-01-31`, from midnight to midnight UTC.
const DAY_MS = 24 * 3600_000;

export const MOST_DAYS = 400;

export const today = (): string => dayAt(Date.now());
const dayAt = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The last `count` days, today among them. */
export const lastDays = (count: number): { from: string; to: string } => ({
  from: dayAt(Date.now() - (count - 1) * DAY_MS),
  to: today(),
});

/** How many days these are; 0 where the last comes before the first. */
export const countDays = (from: string, to: string): number =>
  Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1);

/** Each of them, in order. */
export const eachDay = (from: string, to: string): string[] =>
  Array.from({ length: countDays(from, to) }, (_, at) => dayAt(Date.parse(from) + at * DAY_MS));
