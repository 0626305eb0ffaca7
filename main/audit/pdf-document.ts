// One volume of the log as a document that can be filed: whose log, what of it, the records, and how to check them.
import type { Content, Definition, Margin, TableLayout, TextContent } from 'pdfmake';
import { utc, type Language } from '../../shared/text/told.ts';
import type { ViewWords } from '../../shared/text/view-en.ts';
import { openRuns } from './pdf-text.ts';
import type { Row } from './rows.ts';
import type { View } from './view.ts';

export type VolumeRow = Pick<Row, 'index' | 'leaf' | 'at' | 'kind' | 'actors' | 'sentence'>;
/** All that a volume says, as plain data: it is set in a thread of its own. */
export type Volume = Omit<View, 'words' | 'rows'> & {
  rows: VolumeRow[];
  number: number;
  volumes: number;
};

const INK = '#1b1f24';
const MUTED = '#5b6470';
const RULE = '#c9d0d8';
const BAND = '#f2f4f7';
/** Rows as tall as a page cannot be kept together. */
const LONG = 1_500;

export function documentOf(volume: Volume, words: ViewWords): Definition {
  const runs = openRuns(volume.language);
  const text: Text = (words, style, margin) => ({
    text: runs(words),
    ...(style !== undefined && { style }),
    ...(margin && { margin }),
  });
  const { origin, checkpoint, institution, number, volumes } = volume;
  const title = `${words.title}${institution === '' ? '' : ` · ${institution}`}`;
  const name = volumes > 1 ? `${title} · ${words.volume(number, volumes)}` : title;
  const made = new Date(checkpoint.at);

  return {
    version: '1.7',
    subset: 'PDF/A-2b',
    language: volume.language === 'zh' ? 'zh-CN' : 'en',
    displayTitle: true,
    pageSize: 'A4',
    pageMargins: [48, 64, 48, 56],
    // The log's own time, not the clock's: the same view of the same state is the same document.
    info: {
      title: name,
      author: institution === '' ? origin : institution,
      subject: origin,
      creator: volume.software,
      producer: 'pdfmake',
      creationDate: made,
      modDate: made,
    },
    defaultStyle: { font: 'latin', fontSize: 9, color: INK, lineHeight: 1.15 },
    styles: {
      title: { fontSize: 20, bold: true },
      subtitle: { fontSize: 11, color: MUTED },
      heading: { fontSize: 12, bold: true, margin: [0, 14, 0, 4] },
      label: { color: MUTED, fontSize: 8.5 },
      head: { bold: true, fontSize: 8.5 },
      small: { fontSize: 6.8, color: MUTED, lineHeight: 1.05 },
      notice: { fontSize: 9, bold: true },
      edge: { fontSize: 7.5, color: MUTED },
    },
    header: () => ({
      columns: [
        { ...text(name, 'edge'), width: '*' },
        { ...text(origin, 'edge'), width: 130, alignment: 'right' },
      ],
      margin: [48, 28, 48, 0],
    }),
    footer: (page, pages) => ({
      columns: [
        { ...text(`${words.root} ${checkpoint.root}`, 'edge'), width: '*' },
        { ...text(words.page(page, pages), 'edge'), width: 110, alignment: 'right' },
      ],
      margin: [48, 20, 48, 0],
    }),
    content: [
      text(words.title, 'title'),
      ...(volumes > 1 ? [text(words.volume(number, volumes), 'subtitle')] : []),
      factsOf(volume, words, text),
      text(volume.names ? words.withNames : words.withoutNames, 'notice', [0, 8, 0, 10]),
      volume.rows.length === 0 ? text(words.noRecords) : tableOf(volume, words, text),
      text(words.checkpoint, 'heading'),
      text(words.checkpointIs(checkpoint.size, utc(checkpoint.at))),
      text(checkpoint.note.trimEnd(), 'small', [0, 6, 0, 0]),
      text(words.verify, 'heading'),
      ...words.verifySteps.map((step, at) => text(`${at + 1}. ${step}`, undefined, [0, 0, 0, 4])),
      text(words.doesNotProve, 'heading'),
      text(words.doesNotProveText),
      text(words.characters, 'label', [0, 8, 0, 0]),
    ],
  };
}

type Text = (words: string, style?: string, margin?: Margin) => TextContent;

function factsOf(volume: Volume, words: ViewWords, text: Text): Content {
  const { rows, checkpoint } = volume;
  const [first, last] = [rows[0], rows.at(-1)];
  const facts: [string, string][] = [
    [words.institution, volume.institution === '' ? words.notEnrolled : volume.institution],
    ...(volume.consortium === '' ? [] : [[words.consortium, volume.consortium] as [string, string]]),
    [words.log, volume.origin],
    [words.logKey, volume.vkey],
    ...(first && last
      ? ([
          [words.range, words.rangeOf(first.index, last.index, rows.length)],
          [words.period, words.periodOf(utc(first.at), utc(last.at))],
        ] as [string, string][])
      : []),
    [words.bounds, boundsOf(volume, words)],
    [words.root, checkpoint.root],
    [words.madeAt, utc(checkpoint.at)],
    [words.madeBy, volume.software],
  ];
  return {
    table: { widths: [96, 391], body: facts.map(([label, value]) => [text(label, 'label'), text(value)]) },
    layout: { ...LINES, fillColor: () => null },
    margin: [0, 12, 0, 0],
  };
}

function boundsOf({ filter, language }: { filter: Volume['filter']; language: Language }, words: ViewWords): string {
  const list = (values: readonly string[]) => values.join(language === 'zh' ? '、' : ', ');
  const bounds = [
    filter.from === undefined ? '' : words.boundFrom(utc(filter.from)),
    filter.to === undefined ? '' : words.boundTo(utc(filter.to)),
    filter.studies ? words.boundStudies(list(filter.studies)) : '',
    filter.persons ? words.boundPersons(list(filter.persons)) : '',
    filter.kinds ? words.boundKinds(list(filter.kinds)) : '',
  ].filter((bound) => bound !== '');
  return bounds.length === 0 ? words.wholeLog : bounds.join('; ');
}

function tableOf({ rows }: Volume, words: ViewWords, text: Text): Content {
  const { columns } = words;
  const body = rows.map((row) => [
    text(String(row.index)),
    text(`${row.at.slice(0, 10)}\n${row.at.slice(11, 23)}`),
    { stack: [text(row.sentence), text(`${row.kind}\n${row.leaf}`, 'small')] },
    { stack: whoOf(row, words, text) },
  ]);
  return {
    table: {
      headerRows: 1,
      keepWithHeaderRows: 1,
      dontBreakRows: rows.every(({ sentence }) => sentence.length < LONG),
      widths: [38, 56, 279, 98],
      body: [[columns.index, columns.at, columns.what, columns.who].map((head) => text(head, 'head')), ...body],
    },
    layout: LINES,
  };
}

function whoOf({ actors }: VolumeRow, words: ViewWords, text: Text): Content[] {
  if (actors.length === 0) return [text('–')];
  return actors.flatMap(({ person, key, name }) => [
    text(name !== '' ? name : person !== '' ? person : words.installation),
    ...(name !== '' ? [text(person, 'small')] : []),
    ...(key === '' ? [] : [text(words.key(`${key.slice(0, 12)}…`), 'small')]),
  ]);
}

const LINES: TableLayout = {
  hLineWidth: () => 0.5,
  vLineWidth: () => 0,
  hLineColor: () => RULE,
  fillColor: (row) => (row === 0 ? BAND : null),
  paddingLeft: (column) => (column === 0 ? 2 : 6),
  paddingRight: () => 2,
  paddingTop: () => 3,
  paddingBottom: () => 3,
};
