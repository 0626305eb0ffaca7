// The log as CSV for auditors: every field quoted, UTF-8 with its mark, CRLF, and nothing that a spreadsheet would compute.
import { visible } from '../../shared/text/visible.ts';
import type { Row } from './rows.ts';
import { printableJson, type View } from './view.ts';

const HEADER = 'index,leaf_hash,time,kind,what,study,round,attempt,people,names,keys,about,detail'.split(',');

/** What spreadsheets take for the beginning of a formula, in its usual, full-width and small forms. */
const FORMULA = /^\s*[=+\-@\u2212\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]/;

/** A field as it stands in the file. One that looks like a formula gets an apostrophe, which spreadsheets take for "text". */
export function field(text: string): string {
  const shown = visible(text);
  return `"${FORMULA.test(shown) ? "'" : ''}${shown.replaceAll('"', '""')}"`;
}

const line = (fields: readonly string[]): string => `${fields.map(field).join(',')}\r\n`;
const orEmpty = (value: number): string => (value === 0 ? '' : String(value));

export async function* csv({ rows }: View): AsyncGenerator<string> {
  yield `\ufeff${line(HEADER)}`;
  for await (const page of rows) yield page.map(lineOf).join('');
}

function lineOf(row: Row): string {
  const each = (what: 'person' | 'name' | 'key') => row.actors.map((actor) => actor[what]).join('; ');
  return line([
    String(row.index),
    row.leaf,
    row.at,
    row.kind,
    row.sentence,
    row.study,
    orEmpty(row.round),
    orEmpty(row.attempt),
    each('person'),
    each('name'),
    each('key'),
    row.about,
    printableJson(row.detail),
  ]);
}
