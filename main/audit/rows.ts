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
import { conditionsOf, type AuditFilter } from './filter.ts';
import { opening, peopleOf, readJson } from './people.ts';

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

/**
 * How a row is told: in which language, whether names and free texts are told at all, and whether the pseudonym stands behind
 * each name. On paper it has to; where it is shown beside the sentence it need not.
 */
export type Manner = { language: Language; names: boolean; pseudonyms?: boolean };

export const viewWords = { en: viewEn, zh: viewZh };

const PAGE = 256;

/** A record as it is kept. */
export type Kept = {
  position: number;
  at: string;
  kind: string;
  study: string | null;
  round: number | null;
  leaf: Buffer;
  bytes: Buffer;
};
export const KEPT = 'position, at, kind, study, round, leaf, bytes';

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
  const teller = tellerOf(read, size, manner);
  const about = aboutPersons(filter);
  for (let next = 0; ;) {
    await setImmediate();
    if (signal.aborted) throw new AssentError('CANCELED', 'The export was cancelled.');
    const page = pageFrom(read, next, size, filter);
    if (page.length > 0) {
      next = page.at(-1)!.position + 1;
      seen?.(next);
      yield page.map(teller.facts).filter(about).map(teller.told);
    }
    if (page.length < PAGE) return;
  }
}

/** Whether one of the people that are asked for acted in the record, or it was done to them. */
export function aboutPersons({ persons }: AuditFilter): (row: Pick<Row, 'actors' | 'about'>) => boolean {
  const wanted = persons && new Set(persons);
  return ({ actors, about }) => !wanted || wanted.has(about) || actors.some(({ person }) => wanted.has(person));
}

function pageFrom(read: Reader, next: number, size: number, filter: AuditFilter): Kept[] {
  const { sql, values } = conditionsOf(filter);
  return read.all<Kept>(
    `select ${KEPT} from record where position >= ? and position < ?${sql} order by position limit ${PAGE}`,
    next,
    size,
    ...values,
  );
}

/** What a record says in its own fields, without the sentence; `record` undefined: its bytes cannot be read. */
type Facts = Omit<Row, 'sentence'> & { record: ReadRecord | undefined };

/** Tells the rows of the first `size` records: their facts, which cost little, and then the sentence. */
export function tellerOf(
  read: Reader,
  size: number,
  { language, names, pseudonyms = true }: Manner,
): { facts(kept: Kept): Facts; told(facts: Facts): Row; name(person: string): string } {
  const words = viewWords[language];
  const said = (commitment: string): string => {
    const found = opening(read, commitment);
    return 'text' in found ? visible(shortened(found.text, words.left)) : words[found.missing];
  };
  const people = peopleOf(read, size, names ? said : undefined);
  const who = (person: string) => {
    const name = people.name(person);
    if (name === undefined) return person;
    return pseudonyms ? `${name} (${person})` : name;
  };
  const telling = {
    who,
    whose: (key: string) => {
      const holder = people.holder(key);
      return holder === undefined ? words.key(key.slice(0, 12)) : who(holder);
    },
    said: names ? said : () => undefined,
  };

  return {
    facts({ position, leaf, bytes, ...filed }) {
      const record = readJson(bytes) as (ReadRecord & { at: string }) | undefined;
      const { at, kind, study, round, attempt }: Partial<ReadRecord & { at: string }> = record ?? {
        at: filed.at,
        kind: filed.kind,
      };
      const detail = (record?.detail ?? {}) as Record<string, unknown>;
      const { actors, about } = actorsOf(detail);
      return {
        index: position,
        leaf: toHex(leaf),
        at,
        kind,
        study: study ?? '',
        round: round ?? 0,
        attempt: attempt ?? 0,
        actors: actors.map(({ person, key }) => {
          const holder = person === '' ? (people.holder(key) ?? '') : person;
          return { person: holder, key, name: people.name(holder) ?? '' };
        }),
        about,
        detail,
        record,
      };
    },
    told: ({ record, ...facts }) => ({
      ...facts,
      sentence: record ? visible(sentenceOf(record, language, telling)) : words.unreadable,
    }),
    name: (person) => people.name(person) ?? '',
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
