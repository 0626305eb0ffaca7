// The AuditEvents as HAPI's validator, which we did not write, sees them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { exportView } from '../../main/audit/export-view.ts';
import { everyKind, PLAIN } from '../support/audit-entries.ts';
import { auditLog, type AuditLog } from '../support/audit-log.ts';
import { conformanceJava } from '../support/conformance-java.ts';
import { everywhere, HOSTILE } from '../support/hostile-texts.ts';
import { AUDIT_KINDS } from '../../shared/records/audit.ts';

const DEFINITION = resolve(import.meta.dirname, '../../docs/fhir/StructureDefinition-log-position.json');
const never = new AbortController().signal;

async function exported(log: AuditLog, format: 'fhir-bundle' | 'fhir-ndjson', more: object = {}): Promise<string> {
  const file = `${'as' in more ? String(more.as) : 'plain'}.${format === 'fhir-bundle' ? 'json' : 'ndjson'}`;
  const path = join(log.folder, file);
  const asked = { format, path, filter: {}, names: true, language: 'en' as const, ...more };
  await exportView(log, asked, () => {}, never);
  return path;
}

test('every kind of record, told plainly or in hostile words, passes the validator with no error', async ({ skip }) => {
  const java = await conformanceJava();
  if ('missing' in java) return skip(java.missing);
  const kinds = Object.keys(AUDIT_KINDS).length;
  const log = auditLog();
  log.write((tx) => everyKind(tx, PLAIN));
  const all = everywhere(HOSTILE.map(({ text }) => text).join(' '));
  const bad = auditLog(all);
  bad.write((tx) => everyKind(tx, all));
  const worded = new Set(['approval.granted', 'member.invited', 'study.paused']);
  for (const { text } of HOSTILE)
    bad.write((tx) => everyKind(tx, everywhere(text)).filter(({ kind }) => worded.has(kind)));
  bad.write((tx) => everyKind(tx, { ...PLAIN, reason: 'x'.repeat(1_000_000) }).filter(({ kind }) => kind === 'study.left'));
  const nothing = auditLog();

  const files = [
    await exported(log, 'fhir-bundle'),
    await exported(log, 'fhir-ndjson', { language: 'zh', as: 'chinese' }),
    await exported(log, 'fhir-bundle', { names: false, as: 'nameless' }),
    await exported(bad, 'fhir-ndjson', { as: 'hostile' }),
    await exported(bad, 'fhir-bundle', { as: 'hostile' }),
    await exported(nothing, 'fhir-bundle', { filter: { studies: ['none'] }, as: 'empty' }),
  ];
  // The validator is awake: what is wrong is found, in our extension too.
  const event = readFileSync(files[1]!, 'utf8').split('\n')[0]!;
  const wrong = {
    'wrong-action.json': event.replace('"action":"C"', '"action":"X"'),
    'wrong-extension.json': event.replace('"url":"leafHash","valueString"', '"url":"leafHash","valueCode"'),
    'wrong-position.json': event.replace('urn:assent:fhir:log-position', 'urn:assent:fhir:unknown'),
  };
  for (const [name, text] of Object.entries(wrong)) writeFileSync(join(log.folder, name), text);

  const found = await java.ask(['fhir', DEFINITION, ...files, ...Object.keys(wrong).map((name) => join(log.folder, name))]);
  const sound = (resources: number) => ({ errors: [], checked: `resources ${resources}` });
  for (const name of Object.keys(wrong)) {
    expect(found[name]!.errors, name).not.toEqual([]);
    delete found[name];
  }
  expect(found).toEqual({
    'plain.json': sound(1),
    'chinese.ndjson': sound(kinds + 3),
    'nameless.json': sound(1),
    'hostile.ndjson': sound(kinds + HOSTILE.length * worded.size + 3),
    'hostile.json': sound(1),
    'empty.json': sound(1),
  });
}, 600_000);
