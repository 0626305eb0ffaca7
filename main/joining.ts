// Joining a study: which data set, under which mapping; the coordinator is told through the outbox.
import { AssentError } from '../shared/errors.ts';
import { joinRecord } from '../shared/records/membership.ts';
import { signRecord } from '../shared/records/signed.ts';
import { encodeCanonical, toHex } from '../shared/wire/canonical.ts';
import { sha256 } from '../platform/crypto.ts';
import { describeDataset } from './data/datasets.ts';
import { parseMapping, suggestMapping, type Mapping } from './data/mapping.ts';
import { checkMapping, type MappingReport } from './data/rows.ts';
import type { AssentNode } from './node.ts';
import { intend } from './store/outbox.ts';
import { needCoordinator, studyOf, studyRowOf, type StudyRow } from './store/rounds.ts';

/** Tries a mapping (JSON text; empty: the suggested one) on every row and changes nothing. Throws MAPPING_INVALID. */
export async function tryMapping(
  node: AssentNode,
  studyId: string,
  dataset: string,
  text: string,
): Promise<{ mapping: Mapping; report: MappingReport }> {
  const study = studyOf(studyRowOf(node.store.journal.read, studyId));
  const { schema } = describeDataset(node.data, dataset);
  const mapping = text === '' ? suggestMapping(schema, study) : parseMapping(readJson(text));
  return { mapping, report: await checkMapping(node.data, dataset, study, mapping) };
}

/** Throws STUDY_STATE when the study was joined before or is over, and MAPPING_INVALID when no row can be used. */
export async function joinStudy(
  node: AssentNode,
  studyId: string,
  dataset: string,
  text: string,
): Promise<{ rows: number; usable: number }> {
  const { store, clock } = node;
  const { read } = store.journal;
  const row = studyRowOf(read, studyId);
  if (row.stage === 'joined') throw new AssentError('STUDY_STATE', `This institution has joined ${studyId} already.`);
  if (row.phase === 'finished' || row.phase === 'stopped')
    throw new AssentError('STUDY_STATE', `Study ${studyId} is ${row.phase}; it takes nobody in any more.`);
  const { mapping, report } = await tryMapping(node, studyId, dataset, text);
  if (report.usable === 0)
    throw new AssentError(
      'MAPPING_INVALID',
      `Under this mapping none of the ${report.rows} rows can be used. Run: assent-node check ${studyId} --dataset ${dataset}`,
    );
  const { snapshot } = describeDataset(node.data, dataset);
  const { member } = needCoordinator(read);
  const bytes = encodeCanonical(mapping);
  const at = clock.now();
  const told = signRecord(
    joinRecord,
    { v: 1, study: studyId, studyHash: row.hash, member, at: new Date(at).toISOString() },
    store.keys.member.sign,
  );
  store.journal.transact('study.join', (tx) => {
    const changed = tx.run(
      "update study set stage = 'joined', dataset = ?, snapshot = ?, mapping = ?, rows = ? where id = ? and stage = 'offered'",
      dataset,
      snapshot,
      Buffer.from(bytes).toString('utf8'),
      report.rows,
      studyId,
    );
    if (changed.changes !== 1) throw new AssentError('STUDY_STATE', `This institution has joined ${studyId} already.`);
    const { record } = intend(tx, at, 'join', told, { study: studyId });
    tx.append({
      kind: 'study.joined',
      study: studyId,
      detail: { definition: row.hash, dataset, snapshot, mapping: toHex(sha256(bytes)), rows: report.rows, record },
    });
  });
  return { rows: report.rows, usable: report.usable };
}

/** The unit of each local column, as the mappings say under which studies were joined with this data set. */
export function unitsInUse({ store }: AssentNode, dataset: string): Map<string, string> {
  const rows = store.journal.read.all<StudyRow>(
    "select * from study where dataset = ? and stage = 'joined' order by id",
    dataset,
  );
  const found = rows.flatMap((row) => {
    const mapping = parseMapping(JSON.parse(row.mapping!));
    return studyOf(row).schema.features.flatMap((feature): [string, string][] => {
      const mapped = mapping.columns[feature.name];
      return mapped && feature.kind === 'number' && feature.unit !== undefined ? [[mapped.column, feature.unit]] : [];
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
