// What one audit record says, as a sentence for hospital staff. Screens, reports and exports use this one.
import { AUDIT_KINDS, isAuditKind } from '../records/audit.ts';
import { recordsEn } from './records-en.ts';
import { recordsZh } from './records-zh.ts';
import type { Language, Sentences, Telling } from './told.ts';

/** A record as it was read: a newer version may have written kinds and forms that this one does not know. */
export type ReadRecord = { kind: string; study?: string; round?: number; attempt?: number; detail?: unknown };

const SENTENCES: Record<Language, Sentences> = { en: recordsEn, zh: recordsZh };
const UNKNOWN: Record<Language, (kind: string) => string> = {
  en: (kind) =>
    `A record of kind ${kind}, in a form that this version cannot put into words; its detail is as it was written.`,
  zh: (kind) => `一条种类为 ${kind} 的记录，本版本无法以文字表述；其内容按原样列出。`,
};

/** The sentence; for a kind or a form that this version does not know, one that says so. */
export function sentenceOf(record: ReadRecord, language: Language, telling: Telling): string {
  const { kind, study = '', round = 0, attempt = 0 } = record;
  if (!isAuditKind(kind)) return UNKNOWN[language](kind);
  const detail = AUDIT_KINDS[kind].safeParse(record.detail);
  if (!detail.success) return UNKNOWN[language](kind);
  const sentence = SENTENCES[language][kind] as (r: Telling & Record<string, unknown>) => string;
  return sentence({ ...telling, study, round, attempt, detail: detail.data });
}
