// The words of reports and exports about an audit log, in English. view-zh.ts holds the same keys.
import { number } from './told.ts';

export const viewEn = {
  erased: '(erased)',
  wrong: '(changed in the store since: it does not fit the record)',
  unreadable: 'The bytes of this record were damaged; it cannot be read.',
  left: (characters: number) => `… (${number(characters)} more characters)`,
  key: (beginning: string) => `key ${beginning}`,
  installation: 'The installation',

  title: 'Audit log',
  volume: (n: number, of: number) => `Volume ${n} of ${n > of ? n : of}`,
  institution: 'Institution',
  consortium: 'Consortium',
  notEnrolled: 'not enrolled in a consortium yet',
  log: 'Log',
  logKey: 'Log key',
  range: 'Records',
  rangeOf: (first: number, last: number, rows: number) =>
    `${number(rows)}, from ${number(first)} to ${number(last)} of the log`,
  noRecords: 'No record of the log is within the bounds of this report.',
  period: 'Period',
  periodOf: (from: string, to: string) => `${from} to ${to}`,
  bounds: 'Bounds of this report',
  wholeLog: 'none: all records of the log',
  boundFrom: (time: string) => `from ${time}`,
  boundTo: (time: string) => `until ${time}`,
  boundStudies: (ids: string) => `studies: ${ids}`,
  boundPersons: (ids: string) => `people: ${ids}`,
  boundKinds: (kinds: string) => `kinds of record: ${kinds}`,
  withNames: 'With names and free texts. Treat this report as personal data.',
  withoutNames:
    'Without names and free texts. People stand as pseudonyms (p-…), which the institution can resolve, and by their public keys.',
  madeBy: 'Made by',
  madeAt: 'Made at',

  columns: { index: 'No.', at: 'Time (UTC)', what: 'What happened', who: 'Who', leaf: 'Leaf hash' },
  page: (page: number, of: number) => `Page ${number(page)} of ${number(of)}`,

  checkpoint: 'Checkpoint',
  checkpointIs: (size: number, at: string) =>
    `The log’s signed state when this report was made: ${number(size)} records, ${at}. The last lines are signatures: the log’s own first, then those of witnesses, if any.`,
  root: 'Root hash',
  verify: 'How to verify this report',
  verifySteps: [
    'This report is a view. The evidence is the log: ask the institution for an export of it (assent-node audit export) and run assent-verify on it, with the log’s key from a source that you trust, not from this page.',
    'Compare the root hash above with the one that assent-verify prints for this number of records. If the log has grown since, assent-verify shows that the smaller log is its beginning.',
    'For any row: line “No.” of entries.jsonl (counted from 0) is that record. The SHA-256 of a zero byte followed by that line without its line feed is the leaf hash that stands in the row.',
  ],
  doesNotProve: 'What this does not prove',
  doesNotProveText:
    'A log shows that what it holds was not changed after others had a checkpoint of it. It does not show events that were never recorded.',
  characters: 'A character that these fonts do not have stands as its Unicode number, such as [U+D55C].',
};

export type ViewWords = typeof viewEn;
