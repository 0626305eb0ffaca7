// Personal data and free text that logs hold as commitments: readable here until it is erased.
import type { Reader } from '../../platform/journal.ts';

/** The text behind a commitment; undefined once it was erased. */
export function openedText(read: Reader, commitment: string | null): string | undefined {
  const row = read.get<{ value: string }>('select value from opening where commitment = ?', commitment);
  return row && (JSON.parse(row.value) as string);
}
