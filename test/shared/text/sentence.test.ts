import { describe, expect, test } from 'vitest';
import { AUDIT_KINDS, type AuditEntry } from '../../../shared/records/audit.ts';
import { sentenceOf } from '../../../shared/text/sentence.ts';
import type { Telling } from '../../../shared/text/told.ts';
import { everyKind, PLAIN } from '../../support/audit-entries.ts';

/** A commitment is the text itself, marked. */
const commitment = 'f'.repeat(64);
const entries = everyKind({ commit: () => commitment }, PLAIN);
const telling: Telling = {
  who: (person) => `<${person}>`,
  whose: (key) => `<${key.slice(0, 2)}>`,
  said: () => 'WORDS',
};
const silent: Telling = { ...telling, said: () => undefined };
const entry = (kind: string): AuditEntry => entries.find((each) => each.kind === kind)!;

describe('a sentence for an audit record', () => {
  test('is there for every kind, in both languages', () => {
    expect(entries.map(({ kind }) => kind).sort()).toEqual(Object.keys(AUDIT_KINDS).sort());
    for (const each of entries) {
      const [en, zh] = [sentenceOf(each, 'en', telling), sentenceOf(each, 'zh', telling)];
      expect(en, each.kind).toMatch(/^[\p{L}<].{10,}[.”\w]$/u);
      expect(zh, each.kind).toMatch(/\p{Script=Han}.*[。”\w]$/u);
      for (const text of [en, zh]) expect(text, each.kind).not.toMatch(/undefined|null|NaN|\[object|[fe]{64}/);
    }
  });

  test('says who did what, how manieth of how many, until when and why', () => {
    expect(sentenceOf(entry('approval.granted'), 'en', telling)).toBe(
      '<p-00000000000000a1> approved training for round 3 (attempt 2) of study heart, approval 1 of 2, valid until 2026-01-05 10:00:00 UTC. Reason: “WORDS”',
    );
    expect(sentenceOf(entry('approval.granted'), 'zh', telling)).toBe(
      '<p-00000000000000a1> 批准研究 heart 第 3 轮（第 2 次尝试）的训练（第 1 个批准，共需 2 个），有效至 2026-01-05 10:00:00 UTC。理由：“WORDS”',
    );
  });

  test('names the policy where no person decided', () => {
    const { detail } = entry('approval.granted');
    const automatic = { ...detail, person: null, policy: '1'.repeat(64), reason: null };
    expect(sentenceOf({ ...entry('approval.granted'), detail: automatic }, 'en', telling)).toMatch(
      /^The installation, under standing policy 111111111111, approved training for round 3/,
    );
  });

  test('gives the meaning of a code, and the code itself where a newer version made it', () => {
    expect(sentenceOf(entry('update.refused'), 'en', telling)).toBe(
      'The coordinator refused the update of round 3 (attempt 2) of study heart: The update came after the round had closed.',
    );
    expect(sentenceOf(entry('round.failed'), 'en', telling)).toMatch(/failed here: A_CODE_OF_TOMORROW\.$/);
  });

  test('holds no name and no free text where they are not to be told', () => {
    for (const each of entries)
      for (const language of ['en', 'zh'] as const)
        expect(sentenceOf(each, language, silent), each.kind).not.toMatch(/WORDS|“”|undefined/);
  });

  test('of a kind that this version does not know says so', () => {
    const record = { kind: 'sky.fell', detail: { how: 'hard' } };
    expect(sentenceOf(record, 'en', telling)).toMatch(
      /^A record of kind sky\.fell, in a form that this version cannot/,
    );
    expect(sentenceOf(record, 'zh', telling)).toMatch(/sky\.fell/);
    expect(sentenceOf({ kind: 'toString', detail: {} }, 'en', telling)).toMatch(/kind toString/);
  });

  test('of a known kind in a newer form says so instead of guessing', () => {
    const newer = { ...entry('update.sent'), detail: { ...entry('update.sent').detail, via: 'pigeon' } };
    expect(sentenceOf(newer, 'en', telling)).toMatch(/^A record of kind update\.sent, in a form/);
    expect(sentenceOf({ kind: 'update.sent' }, 'en', telling)).toMatch(/^A record of kind update\.sent, in a form/);
  });
});
