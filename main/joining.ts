// Joining a study: which data set, under which mapping, resting on which documents. A steward signs; the coordinator is told
// through the outbox.
import { AssentError } from '../shared/errors.ts';
import type { Participation } from '../shared/records/consent.ts';
import { joinRecord } from '../shared/records/membership.ts';
import { signRecord } from '../shared/records/signed.ts';
import type { Study } from '../shared/study/study.ts';
import { toHex } from '../shared/wire/canonical.ts';
import type { Clock } from '../platform/clock.ts';
import { randomBytes, sha256 } from '../platform/crypto.ts';
import type { Reader } from '../platform/journal.ts';
import { besides, STATEMENTS, updateSize, type Locale } from './consent/screen.ts';
import { describeDataset } from './data/datasets.ts';
import { parseMapping, suggestMapping, type Mapping } from './data/mapping.ts';
import type { Watched } from './data/passage.ts';
import { identifierColumns } from './data/quality.ts';
import { checkMapping, loadRows, type MappingReport } from './data/rows.ts';
import { openJoined, savedMapping, saveMapping, sealJoined, type SavedMapping } from './data/saved-mappings.ts';
import type { DataDeps } from './data/sealing.ts';
import { withdrawRows, type Withdrawal } from './data/withdraw.ts';
import type { Document } from './documents.ts';
import { needRows } from './floor.ts';
import type { PersonSigner } from './people/keys.ts';
import { mayAct, personOf, type Person } from './people/people.ts';
import { rulesOf } from './people/rules.ts';
import type { Store } from './store/open.ts';
import { intend } from './store/outbox.ts';
import { keepParticipation } from './store/participation.ts';
import { needCoordinator, studyOf, studyRowOf, type StudyRow } from './store/rounds.ts';

export type JoinDeps = { store: Store; clock: Clock; data: DataDeps };

/** `text` is a mapping as JSON; where it is empty, `version` is that of a saved one, and 0 the suggested one. */
export type MappingChoice = { text: string; version: number };
export type Trial = {
  mapping: Mapping;
  report: MappingReport;
  /** Columns that were not suggested because they look like identifiers. */
  identifiers: { column: string; reason: string }[];
};

/** Tries a mapping on every row and changes nothing. Throws MAPPING_INVALID, MAPPING_UNKNOWN. */
export async function tryMapping(
  node: JoinDeps,
  studyId: string,
  dataset: string,
  choice: MappingChoice,
): Promise<Trial> {
  const study = studyOf(studyRowOf(node.store.journal.read, studyId));
  const chosen = chosenMapping(node, study, dataset, choice);
  return { ...chosen, report: await checkMapping(node.data, dataset, study, chosen.mapping) };
}

/** Throws MAPPING_INVALID, MAPPING_UNKNOWN. */
export function chosenMapping(
  { data }: JoinDeps,
  study: Study,
  dataset: string,
  { text, version }: MappingChoice,
): Omit<Trial, 'report'> {
  if (text !== '') return { mapping: parseMapping(readJson(text)), identifiers: [] };
  if (version > 0) return { mapping: savedMapping(data, study.id, version).mapping, identifiers: [] };
  const { schema } = describeDataset(data, dataset);
  const identifiers = identifierColumns(data, dataset);
  const mapping = suggestMapping(schema, study, new Set(identifiers.map(({ column }) => column)));
  const suggested = new Set(Object.values(mapping.columns).map(({ column }) => column));
  return { mapping, identifiers: identifiers.filter(({ column }) => !suggested.has(column)) };
}

/** Saves the mapping that `tryMapping` would try, as the study's next version. */
export async function saveTried(node: JoinDeps, studyId: string, dataset: string, text: string): Promise<SavedMapping> {
  const { mapping } = await tryMapping(node, studyId, dataset, { text, version: 0 });
  return saveMapping(node.data, mapping);
}

/** Tries a mapping as `tryMapping` does; throws MAPPING_INVALID too when no row can be used, or none would train; FLOOR_ROWS. */
export async function usableMapping(
  node: JoinDeps,
  row: StudyRow,
  dataset: string,
  choice: MappingChoice,
): Promise<Trial & { snapshot: string }> {
  const trial = await tryMapping(node, row.id, dataset, choice);
  const { rows, usable } = trial.report;
  if (usable === 0)
    throw new AssentError(
      'MAPPING_INVALID',
      `Under this mapping none of the ${rows} rows can be used. Run: assent-node check ${row.id} --dataset ${dataset}`,
    );
  const loaded = await loadRows(node.data, dataset, studyOf(row), trial.mapping);
  loaded.erase();
  if (loaded.train.rows === 0)
    throw new AssentError(
      'MAPPING_INVALID',
      `Of the ${usable} usable rows none falls to training under the study’s split; more rows are needed to take part.`,
    );
  needRows(loaded.train.rows, rulesOf(node.store.journal.read).floor.rows, row.id);
  return { ...trial, snapshot: loaded.snapshot };
}

/** Throws ROLE_MISSING unless the account is in force and may bring data now, PERSON_INACTIVE where its key was replaced. */
export function needSteward(read: Reader, { id, key }: Person): void {
  const person = personOf(read, id);
  if (!mayAct(person, 'steward')) throw new AssentError('ROLE_MISSING', `${person.login} is not a steward here.`);
  if (person.key !== key)
    throw new AssentError('PERSON_INACTIVE', `The key of ${person.login} was replaced meanwhile. Sign in again.`);
}

/** Who signs, as the record says it. */
export const stewardOf = ({ person, publicKey, at }: PersonSigner): Participation['signer'] => ({
  person: person.id,
  key: toHex(publicKey),
  role: 'steward',
  method: 'password',
  authenticatedAt: new Date(at).toISOString(),
});

/** What a steward signs by joining with this data set, or by moving to it, word for word. */
export function participationStatement(
  node: JoinDeps,
  decision: 'join' | 'move',
  studyId: string,
  dataset: string,
  documents: number,
  locale: Locale,
): string {
  const study = studyOf(studyRowOf(node.store.journal.read, studyId));
  const { rows, snapshot } = describeDataset(node.data, dataset);
  const facts = { study, besides: besides(study, locale), bytes: updateSize(study), rows, snapshot, documents };
  return STATEMENTS[locale][decision](facts);
}

/**
 * Signed by a steward, who does not approve rounds of the study. Throws ROLE_MISSING, STUDY_STATE when it was joined before or
 * is over, MAPPING_INVALID when no row can be used, FLOOR_ROWS when too few can be trained on.
 */
export async function joinStudy(
  node: JoinDeps,
  signer: PersonSigner,
  studyId: string,
  dataset: string,
  choice: MappingChoice,
  { documents = [], locale = 'en' }: { documents?: readonly Document[]; locale?: Locale } = {},
): Promise<{ rows: number; usable: number }> {
  const { store, clock } = node;
  const { read } = store.journal;
  needSteward(read, signer.person);
  const row = studyRowOf(read, studyId);
  if (row.stage === 'joined') throw new AssentError('STUDY_STATE', `This institution has joined ${studyId} already.`);
  if (row.phase === 'finished' || row.phase === 'stopped')
    throw new AssentError('STUDY_STATE', `Study ${studyId} is ${row.phase}; it takes nobody in any more.`);
  const { mapping, report, snapshot } = await usableMapping(node, row, dataset, choice);
  const { member } = needCoordinator(read);
  const sealed = sealJoined(node.data, mapping);
  const now = clock.now();
  const at = new Date(now).toISOString();
  const mappingHash = toHex(sha256(sealed));
  const told = signRecord(
    joinRecord,
    { v: 1, study: studyId, studyHash: row.hash, member, at },
    store.keys.member.sign,
  );
  const { rows } = report;
  const meaning = participationStatement(node, 'join', studyId, dataset, documents.length, locale);
  store.journal.transact('study.join', (tx) => {
    needSteward(tx, signer.person);
    const changed = tx.run(
      `update study set stage = 'joined', dataset = ?, snapshot = ?, mapping = ?, rows = ?, left_at = null,
         joined_after = (select coalesce(max(rowid), 0) from round)
       where id = ? and stage = 'offered'`,
      dataset,
      snapshot,
      sealed,
      rows,
      studyId,
    );
    if (changed.changes !== 1) throw new AssentError('STUDY_STATE', `This institution has joined ${studyId} already.`);
    const signed = keepParticipation(
      tx,
      {
        v: 1,
        decision: 'join',
        study: studyId,
        studyHash: row.hash,
        member,
        dataset,
        snapshot,
        mapping: mappingHash,
        rows,
        documents: documents.map(({ name, ...document }) => ({ ...document, name: tx.commit(name) })),
        meaning,
        locale,
        reason: null,
        signer: stewardOf(signer),
        at,
        nonce: toHex(randomBytes(16)),
      },
      signer,
    );
    const { record } = intend(tx, now, 'join', told, { study: studyId });
    const what = { definition: row.hash, dataset, snapshot, mapping: mappingHash, rows, record };
    tx.append({
      kind: 'study.joined',
      study: studyId,
      detail: { ...what, documents: documents.length, ...signed },
    });
  });
  return { rows, usable: report.usable };
}

/**
 * Withdraws rows of a data set. Studies that are joined with it and not over use the new snapshot from now on: an approval
 * that names the old one opens nothing any more. Throws as `withdrawRows` does.
 */
export function withdraw(
  node: JoinDeps,
  dataset: string,
  column: string,
  ids: readonly string[],
  watched?: Watched,
): Promise<Withdrawal> {
  return withdrawRows(
    node.data,
    dataset,
    { column, ids },
    (tx, now) =>
      void tx.run(
        "update study set snapshot = ?, rows = ? where dataset = ? and phase not in ('finished', 'stopped')",
        now.snapshot,
        now.rows,
        dataset,
      ),
    watched,
  );
}

/** The unit of each local column, as the mappings say under which studies were joined with this data set. */
export function unitsInUse({ store, data }: JoinDeps, dataset: string): Map<string, string> {
  const rows = store.journal.read.all<StudyRow>(
    "select * from study where dataset = ? and stage = 'joined' order by id",
    dataset,
  );
  const found = rows.flatMap((row) => {
    const mapping = openJoined(data, row.id, row.mapping!);
    return studyOf(row).schema.features.flatMap((feature): [string, string][] => {
      const mapped = mapping.columns[feature.name];
      const unit = feature.kind === 'number' ? (mapped?.unit ?? feature.unit) : undefined;
      return mapped && unit !== undefined ? [[mapped.column, unit]] : [];
    });
  });
  return new Map(found);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AssentError('MAPPING_INVALID', `The mapping is not JSON: ${(cause as Error).message}`, {}, cause);
  }
}
