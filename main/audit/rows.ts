// The records of a log as rows of a view: each with its place in the log, its leaf hash, who acted, and a sentence.
import { setImmediate } from 'node:timers/promises';
import { AssentError } from '../../shared/errors.ts';
import type { Language } from '../../shared/text/told.ts';
import { sentenceOf, type ReadRecord } from '../../shared/text/sentence.ts';
import { viewEn } from '../../shared/text/view-en.ts';
import { viewZh } from '../../shared/text/view-zh.ts';
import { shortened, visible } from '../../shared/text/visible.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import type { Reader } from '../../platform/journal.ts';
import type { AuditFilter } from './filter.ts';
import { opening, peopleOf } from './people.ts';

/** `key` is empty where a person acted without signing; `person` is empty where a key is not a person's. */
export type Actor = { person: string; key: string; name: string };

export type Row = {
  index: number;
  leaf: string;
  at: string;
  kind: string;
  study: string;
  round: number;
  attempt: number;
  /** Who did it; empty where the program did. */
  actors: Actor[];
  /** The person to whom it was done, where that is another. */
  about: string;
  detail: Readonly<Record<string, unknown>>;
  /** One line that is safe to show. */
  sentence: string;
};

/** How a row is told: in which language, and whether names and free texts are told at all. */
export type Manner = { language: Language; names: boolean };

export const viewWords = { en: viewEn, zh: viewZh };

const PAGE = 256;
const LAST_TIME = '9999';

type Page = { position: number; leaf: Buffer; bytes: Buffer };

/**
 * The rows among the first `size` records that the filter lets through, page by page: no statement stays open and nobody
 * waits long while other things go on. `seen` is told how far the reading is. Throws CANCELED.
 */
export async function* rowsOf(
  read: Reader,
  size: number,
  filter: AuditFilter,
  manner: Manner,
  { signal, seen }: { signal: AbortSignal; seen?: (records: number) => void },
): AsyncGenerator<Row[]> {
  const told = tellerOf(read, size, manner);
  const persons = filter.persons && new Set(filter.persons);
  const about = (row: Row) =>
    !persons || persons.has(row.about) || row.actors.some(({ person }) => persons.has(person));
  for (let next = 0; ;) {
    await setImmediate();
    if (signal.aborted) throw new AssentError('CANCELED', 'The export was cancelled.');
    const page = pageFrom(read, next, size, filter);
    if (page.length > 0) {
      next = page.at(-1)!.position + 1;
      seen?.(next);
      yield page.map(told).filter(about);
    }
    if (page.length < PAGE) return;
  }
}

function pageFrom(read: Reader, next: number, size: number, { from, to, studies, kinds }: AuditFilter): Page[] {
  const among = (values: readonly string[] | undefined) => [values ? 0 : 1, JSON.stringify(values ?? [])] as const;
  return read.all<Page>(
    `select position, leaf, bytes from record
     where position >= ? and position < ? and at >= ? and at <= ?
       and (? or study in (select value from json_each(?))) and (? or kind in (select value from json_each(?)))
     order by position limit ${PAGE}`,
    next,
    size,
    from ?? '',
    to ?? LAST_TIME,
    ...among(studies),
    ...among(kinds),
  );
}

function tellerOf(read: Reader, size: number, { language, names }: Manner): (page: Page) => Row {
  const words = viewWords[language];
  const said = (commitment: string): string => {
    const found = opening(read, commitment);
    return 'text' in found ? visible(shortened(found.text, words.left)) : words[found.missing];
  };
  const people = peopleOf(read, size, names ? said : undefined);
  const who = (person: string) => {
    const name = people.name(person);
    return name === undefined ? person : `${name} (${person})`;
  };
  const telling = {
    who,
    whose: (key: string) => {
      const holder = people.holder(key);
      return holder === undefined ? words.key(key.slice(0, 12)) : who(holder);
    },
    said: names ? said : () => undefined,
  };

  return ({ position, leaf, bytes }) => {
    const record = JSON.parse(bytes.toString('utf8')) as ReadRecord & { at: string };
    const detail = (record.detail ?? {}) as Record<string, unknown>;
    const { actors, about } = actorsOf(detail);
    return {
      index: position,
      leaf: toHex(leaf),
      at: record.at,
      kind: record.kind,
      study: record.study ?? '',
      round: record.round ?? 0,
      attempt: record.attempt ?? 0,
      actors: actors.map(({ person, key }) => {
        const holder = person === '' ? (people.holder(key) ?? '') : person;
        return { person: holder, key, name: people.name(holder) ?? '' };
      }),
      about,
      detail,
      sentence: visible(sentenceOf(record, language, telling)),
    };
  };
}

/** Records of accounts and rules are signed by others than the person they are about; all others by who acts. */
function actorsOf(detail: Readonly<Record<string, unknown>>): { actors: Omit<Actor, 'name'>[]; about: string } {
  const { person, signer, signatures } = detail;
  const named = typeof person === 'string' ? person : '';
  if (Array.isArray(signatures)) {
    const keys = signatures.map((each: { signer?: unknown }) => (typeof each.signer === 'string' ? each.signer : ''));
    return { actors: keys.map((key) => ({ person: '', key })), about: named };
  }
  if (typeof signer === 'string') return { actors: [{ person: named, key: signer }], about: '' };
  return { actors: named === '' ? [] : [{ person: named, key: '' }], about: '' };
}
