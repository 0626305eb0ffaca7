// The settings of a CSV file that a person may say, and what each may be.
export const SETTINGS = [
  { name: 'encoding', values: ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] },
  { name: 'delimiter', values: [',', ';', '\t', '|'] },
  { name: 'quote', values: ['"', "'"] },
  { name: 'decimal', values: ['.', ','] },
  { name: 'thousands', values: ['none', ',', '.', ' ', "'"] },
  { name: 'dates', values: ['none', 'ymd', 'dmy', 'mdy'] },
] as const;

export type SettingName = (typeof SETTINGS)[number]['name'];
export type Said = Partial<Record<SettingName, string>>;

/** What a doubt of the node can be answered with. */
export const ANSWERS: Record<string, readonly string[]> = { decimal: ['.', ','], dates: ['dmy', 'mdy'] };
