// What the verifier of sense says of a log that a test writes.
import { expect } from 'vitest';
import type { AuditEntry } from '../../shared/records/audit.ts';
import type { EvidenceOptions } from '../../platform/export-evidence.ts';
import { exportedZip, judge, writtenLog, type WrittenLog } from './evidence.ts';
import type { NodeLog } from './node-log.ts';

export async function judged(
  build: (log: NodeLog) => void,
  cut?: (entry: AuditEntry) => AuditEntry | null,
  more: Partial<EvidenceOptions<string>> = {},
) {
  const written = writtenLog(cut);
  build(written.log);
  const { zip } = await exportedZip(written, more);
  return { ...(await judge(zip)), kinds: kindsOf(written) };
}

const kindsOf = ({ journal }: WrittenLog) =>
  journal.read.all<{ kind: string }>('select kind from record order by position').map(({ kind }) => kind);

export async function expectSound(build: (log: NodeLog) => void, rounds: [number, string][]) {
  const { result, rounds: lines } = await judged(build);
  expect(result).toMatchObject({ ok: true, evidence: { sense: { verdict: 'ok', findings: [] } } });
  expect(lines.map(({ round, verdict, outcome }) => [round, verdict, outcome])).toEqual(
    rounds.map(([round, outcome]) => [round, 'ok', outcome]),
  );
}

/** The log fails, and the first record that is wrong has this kind and is said to be wrong in these words. */
export async function expectWrong(
  build: (log: NodeLog) => void,
  kind: string,
  words: string,
  cut?: (entry: AuditEntry) => AuditEntry | null,
) {
  const { result, kinds } = await judged(build, cut);
  expect(result).toMatchObject({ ok: false, message: expect.stringContaining(words) as string });
  if (!result.ok) expect([kinds[result.index!], result.where]).toEqual([kind, `record ${result.index}`]);
}
