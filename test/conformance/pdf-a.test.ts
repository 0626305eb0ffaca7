// The PDF reports as veraPDF, which we did not write, sees them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportView } from '../../main/audit/export-view.ts';
import { everyKind, PLAIN } from '../support/audit-entries.ts';
import { auditLog, type AuditLog } from '../support/audit-log.ts';
import { conformanceJava } from '../support/conformance-java.ts';
import { everywhere, HOSTILE } from '../support/hostile-texts.ts';

const never = new AbortController().signal;

async function report(log: AuditLog, name: string, more: object = {}): Promise<string> {
  const path = join(log.folder, `${name}.pdf`);
  const asked = { format: 'pdf' as const, path, filter: {}, names: true, language: 'en' as const, ...more };
  await exportView(log, asked, () => {}, never);
  return path;
}

test('reports with Chinese and Polish names, glyphs that no font has, and hostile words are PDF/A-2b', async ({ skip }) => {
  const java = await conformanceJava();
  if ('missing' in java) return skip(java.missing);
  const texts = { ...PLAIN, name: 'Zażółć Gęślą-Jaźń', admin: '欧阳娜娜', reason: '同意 — zgoda. 한글 😀 עברית' };
  const log = auditLog(texts);
  log.write((tx) => everyKind(tx, texts));
  const all = everywhere(HOSTILE.map(({ text }) => text).join(' '));
  const bad = auditLog(all);
  bad.write((tx) => everyKind(tx, all));
  bad.write((tx) => everyKind(tx, { ...PLAIN, reason: '字'.repeat(1_000_000) }).filter(({ kind }) => kind === 'study.left'));

  const files = [
    await report(log, 'english'),
    await report(log, 'chinese', { language: 'zh' }),
    await report(log, 'nameless', { names: false }),
    await report(log, 'empty', { filter: { studies: ['none'] } }),
    await report(bad, 'hostile'),
  ];
  // The validator is awake.
  const broken = join(log.folder, 'broken.pdf');
  const bytes = readFileSync(files[0]!, 'latin1');
  writeFileSync(broken, bytes.replace('/OutputIntents', '/OutputIntentz'), 'latin1');

  const found = await java.ask(['pdf', ...files, broken]);
  const sound = { errors: [], checked: expect.stringMatching(/^PDF\/A-2b \d{4,}$/) };
  expect(found).toEqual({
    'english.pdf': sound,
    'chinese.pdf': sound,
    'nameless.pdf': sound,
    'empty.pdf': sound,
    'hostile.pdf': sound,
    'broken.pdf': { errors: expect.arrayContaining([expect.stringMatching(/^6\.2/)]), checked: expect.stringMatching(/^not compliant/) },
  });
}, 600_000);
