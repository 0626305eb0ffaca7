// Moving a joined study to another data set: a newer file takes the place of the one that the study was joined with.
import { AssentError } from '../shared/errors.ts';
import { encodeCanonical, toHex } from '../shared/wire/canonical.ts';
import { randomBytes, sha256 } from '../platform/crypto.ts';
import type { Reader, Tx } from '../platform/journal.ts';
import { endPolicies } from './consent/policy.ts';
import type { Locale } from './consent/screen.ts';
import { describeDataset } from './data/datasets.ts';
import type { Mapping } from './data/mapping.ts';
import { openJoined, sealJoined } from './data/saved-mappings.ts';
import {
  chosenMapping,
  needSteward,
  participationStatement,
  stewardOf,
  usableMapping,
  type JoinDeps,
  type MappingChoice,
} from './joining.ts';
import type { PersonSigner } from './people/keys.ts';
import { keepParticipation } from './store/participation.ts';
import { joinedStudyOf, needCoordinator, studyOf, type JoinedStudy, type RoundStage } from './store/rounds.ts';

/** `policyEnded`: a standing policy was in force and is no more. */
export type Moved = { rows: number; usable: number; policyEnded: boolean };

/** Rows of the old data set are being worked on, or what came of them is on its way out. */
const AT_WORK: readonly RoundStage[] = ['training', 'trained', 'sealed', 'releasing', 'released', 'sending'];

/**
 * Signed by a steward, who does not approve rounds of the study. From now on rounds use this data set, under the mapping that was
 * named or else the one in use, which is checked on every row as at joining. Approvals name the snapshot: those of the old one open nothing any more. A standing
 * policy was signed with the old data set in view and ends with it, or whoever chooses data could let it leave alone.
 * Throws STUDY_STATE where the study is not joined, over, or there already; ROUND_STATE while a round of it is between training
 * and sent; ROLE_MISSING, FLOOR_ROWS, MAPPING_INVALID, MAPPING_UNKNOWN, DATASET_UNKNOWN, SNAPSHOT_CHANGED.
 */
export async function moveStudy(
  node: JoinDeps,
  id: string,
  dataset: string,
  named: MappingChoice,
  signer: PersonSigner,
  locale: Locale,
): Promise<Moved> {
  const { store, data } = node;
  needSteward(store.journal.read, signer.person);
  const before = movable(store.journal.read, id);
  const used = openJoined(data, id, before.mapping);
  const usedText = JSON.stringify(used);
  const choice = named.text === '' && named.version === 0 ? { text: usedText, version: 0 } : named;
  const wanted = chosenMapping(node, studyOf(before), dataset, choice).mapping;
  if (dataset === before.dataset && same(wanted, used))
    throw new AssentError('STUDY_STATE', `Study ${id} uses data set ${dataset} under this mapping already.`);
  const { mapping, report, snapshot } = await usableMapping(node, before, dataset, choice);
  const sealed = sealJoined(data, mapping);
  const mappingHash = toHex(sha256(sealed));
  const at = new Date(node.clock.now()).toISOString();
  const { member } = needCoordinator(store.journal.read);
  const { rows } = report;
  return store.journal.transact('study.move', (tx) => {
    needSteward(tx, signer.person);
    const now = movable(tx, id);
    if (describeDataset(data, dataset).snapshot !== snapshot)
      throw new AssentError('SNAPSHOT_CHANGED', `Data set ${dataset} was changed meanwhile; start again.`);
    refuseAtWork(tx, now, snapshot === now.snapshot && !same(mapping, openJoined(data, id, now.mapping)));
    tx.run(
      'update study set dataset = ?, snapshot = ?, mapping = ?, rows = ? where id = ?',
      dataset,
      snapshot,
      sealed,
      rows,
      id,
    );
    const signed = keepParticipation(
      tx,
      {
        v: 1,
        decision: 'move',
        study: id,
        studyHash: now.hash,
        member,
        dataset,
        snapshot,
        mapping: mappingHash,
        rows,
        documents: [],
        meaning: participationStatement(node, 'move', id, dataset, 0, locale),
        locale,
        reason: null,
        signer: stewardOf(signer),
        at,
        nonce: toHex(randomBytes(16)),
      },
      signer,
    );
    tx.append({
      kind: 'study.moved',
      study: id,
      detail: {
        definition: now.hash,
        from: { dataset: now.dataset, snapshot: now.snapshot },
        to: { dataset, snapshot },
        mapping: mappingHash,
        rows,
        ...signed,
      },
    });
    return { rows, usable: report.usable, policyEnded: endPolicies(tx, id, signer.person.id) > 0 };
  });
}

function movable(read: Reader, id: string): JoinedStudy {
  const row = joinedStudyOf(read, id);
  if (row.phase === 'finished' || row.phase === 'stopped')
    throw new AssentError('STUDY_STATE', `Study ${id} is ${row.phase}; no round of it will use another data set.`);
  return row;
}

/** An approval that stays good must not let other values out than it was given for: `rewritten` rows wait for its end too. */
function refuseAtWork(tx: Tx, { id }: JoinedStudy, rewritten: boolean): void {
  const stages = rewritten ? ['approved', ...AT_WORK] : AT_WORK;
  const busy = tx.get<{ round: number; stage: string }>(
    `select round, stage from round where study = ? and outcome is null
     and stage in (${stages.map(() => '?').join(', ')}) order by round, attempt limit 1`,
    id,
    ...stages,
  );
  if (busy)
    throw new AssentError(
      'ROUND_STATE',
      `Round ${busy.round} of ${id} is ${busy.stage}; move the study when its update was sent or the round is over.`,
      { stage: busy.stage },
    );
}

const same = (a: Mapping, b: Mapping): boolean => Buffer.from(encodeCanonical(a)).equals(encodeCanonical(b));
