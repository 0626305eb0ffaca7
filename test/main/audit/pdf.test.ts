import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportView } from '../../../main/audit/export-view.ts';
import { countVolumes, pdfVolumes, VOLUME_RECORDS } from '../../../main/audit/pdf.ts';
import { documentOf, type Volume } from '../../../main/audit/pdf-document.ts';
import { openRuns } from '../../../main/audit/pdf-text.ts';
import type { View } from '../../../main/audit/view.ts';
import { viewEn } from '../../../shared/text/view-en.ts';
import { viewZh } from '../../../shared/text/view-zh.ts';
import { KEYS, PERSON } from '../../support/audit-entries.ts';
import { auditLog } from '../../support/audit-log.ts';

const never = new AbortController().signal;
const volume: Volume = {
  language: 'en',
  names: true,
  number: 2,
  volumes: 3,
  filter: { studies: ['heart', 'lung'], from: '2026-01-01T00:00:00.000Z' },
  origin: 'assent/0123456789abcdef',
  vkey: 'assent/0123456789abcdef+00000000+AQ==',
  member: 'north',
  institution: 'Szpital Świętej Łucji 圣路济亚医院',
  consortium: 'clinics',
  software: 'assent 0.1.0',
  checkpoint: {
    size: 8,
    at: '2026-01-02T03:04:05.678Z',
    root: 'ab'.repeat(32),
    note: 'assent/0123\n8\nq6s=\n\n— assent/0123 QQ==\n',
  },
  rows: [
    {
      index: 7,
      leaf: 'cd'.repeat(32),
      at: '2026-01-02T03:04:05.678Z',
      kind: 'approval.granted',
      sentence: 'Żółć 张伟 한 approved.',
      actors: [{ person: PERSON, key: KEYS.person, name: 'Żółć 张伟 한' }],
    },
  ],
};

/** All that a document says, a line for each piece of it. */
function words(content: unknown): string {
  if (Array.isArray(content)) {
    const runs = content.every((each) => typeof (each as { font?: unknown } | null)?.font === 'string');
    return content.map(words).join(runs ? '' : '\n');
  }
  if (typeof content !== 'object' || content === null) return '';
  return 'font' in content && 'text' in content ? String(content.text) : Object.values(content).map(words).join('\n');
}

describe('text is cut into runs of one font', () => {
  test('Latin, Polish and Greek in one, Chinese in the other', () => {
    expect(openRuns('en')('Zażółć Ω 张伟 end')).toEqual([
      { text: 'Zażółć Ω ', font: 'latin' },
      { text: '张伟', font: 'chinese' },
      { text: ' end', font: 'latin' },
    ]);
  });
  test('what no font has stands as its code point, in another colour', () => {
    expect(openRuns('en')('a한😀ב')).toEqual([
      { text: 'a', font: 'latin' },
      { text: '[U+D55C][U+1F600][U+05D1]', font: 'latin', color: '#8a4b00' },
    ]);
  });
  test('what has no width is seen', () => {
    expect(openRuns('en')('a\u200bb').map(({ text }) => text)).toEqual(['a', '[U+200B]', 'b']);
  });
  test('a letter and its mark become the one that fonts have', () => {
    expect(openRuns('en')('z\u0307')).toEqual([{ text: 'ż', font: 'latin' }]);
  });
  test('a word without end may be broken, so that it does not take the layout for ever', () => {
    expect(openRuns('en')('x'.repeat(200)).map(({ text }) => text.split('\u200b').map((part) => part.length))).toEqual([
      [80, 80, 40],
    ]);
  });
  test('quotation marks are wide among Chinese, and narrow elsewhere', () => {
    expect(openRuns('zh')('“a”')).toEqual([
      { text: '“', font: 'chinese' },
      { text: 'a', font: 'latin' },
      { text: '”', font: 'chinese' },
    ]);
    expect(openRuns('en')('“a”')).toEqual([{ text: '“a”', font: 'latin' }]);
  });
});

describe('a volume', () => {
  test.each([
    [
      'en',
      viewEn,
      ['Volume 2 of 3', 'from 2026-01-01 00:00:00 UTC; studies: heart, lung', 'How to verify this report'],
    ],
    ['zh', viewZh, ['第 2 册，共 3 册', '自 2026-01-01 00:00:00 UTC 起; 研究：heart、lung', '如何验证本报告']],
  ] as const)(
    'says in %s whose log it is, what of it, what happened, who did it, where it stands and how to check',
    (language, view, said) => {
      const document = documentOf({ ...volume, language }, view);
      const text = words(document.content);
      for (const each of [
        ...said,
        'Szpital Świętej Łucji',
        '圣路济亚医院',
        'ab'.repeat(32),
        'Żółć',
        '[U+D55C]',
        'cd'.repeat(32),
        PERSON,
        'approval.granted',
        '— assent/0123 QQ==',
        view.doesNotProveText.slice(0, 5),
      ])
        expect(text).toContain(each);
      expect(words(document.footer(2, 9))).toContain(view.page(2, 9));
      expect(document).toMatchObject({ subset: 'PDF/A-2b', language: language === 'zh' ? 'zh-CN' : 'en' });
    },
  );
});

test('a log longer than one document comes in volumes that say how many there are', { timeout: 120_000 }, async () => {
  const log = auditLog();
  log.write(() =>
    Array.from({ length: VOLUME_RECORDS }, () => ({
      kind: 'quality.kept' as const,
      detail: { dataset: 'd-1', snapshot: 'a'.repeat(64) },
    })),
  );
  const path = join(log.folder, 'out.pdf');
  const asked = { format: 'pdf' as const, path, filter: {}, names: false, language: 'en' as const };
  const { files, rows } = await exportView(log, asked, () => {}, never);
  expect(rows).toBe(VOLUME_RECORDS + 2);
  expect(files).toEqual([join(log.folder, 'out-1-of-2.pdf'), join(log.folder, 'out-2-of-2.pdf')]);
  expect(readdirSync(log.folder).filter((name) => name.startsWith('out'))).toEqual([
    'out-1-of-2.pdf',
    'out-2-of-2.pdf',
  ]);
  for (const file of files) expect(readFileSync(file, 'latin1')).toMatch(/^%PDF-1\.7[\s\S]*%%EOF\s*$/);
});

test('a volume is also full when its texts are long: memory is bounded by characters, not only by records', async () => {
  const row = (index: number) => ({
    ...volume.rows[0]!,
    index,
    study: '',
    round: 0,
    attempt: 0,
    about: '',
    detail: {},
    sentence: 'x'.repeat(8_000),
  });
  async function* rows(count: number) {
    for (let index = 0; index < count; index += 10) yield Array.from({ length: 10 }, (_, at) => row(index + at));
  }
  expect(await countVolumes(rows(20))).toBe(1);
  expect(await countVolumes(rows(30))).toBe(2);
  expect(await countVolumes(rows(0))).toBe(1);
});

test('a thread that dies fails the export, not the program', async () => {
  const { rows: _rows, number: _number, volumes: _volumes, ...said } = volume;
  const view = { ...said, words: viewEn, rows: (async function* () {})() } as View;
  const volumes = pdfVolumes(view, 1, never, new URL('./throwing-worker.ts', import.meta.url));
  await expect(volumes.next()).rejects.toMatchObject({
    code: 'EXPORT_FAILED',
    message: 'The PDF could not be made: no room to set type',
  });
});
