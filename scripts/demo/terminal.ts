// Figures as they read in a terminal and in the report.

/** Hyper-parameters in words: `learning rate 0.3, epochs 5`. */
export const settings = (of: Readonly<Record<string, number | string>>): string =>
  Object.entries(of)
    .map(([name, value]) => `${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${value}`)
    .join(', ');

/** Flush right, each cell as wide as its column. */
export const row = (cells: readonly string[], widths: readonly number[]): string =>
  widths.map((width, i) => (cells[i] ?? '').padStart(width)).join('  ');

export const figure = (value: number | null, digits: number): string =>
  value === null ? 'too few' : value.toFixed(digits);
export const bytes = (value: number): string => `${value.toLocaleString('en')} B`;
export const seconds = (value: number): string => `${value.toFixed(2)} s`;
