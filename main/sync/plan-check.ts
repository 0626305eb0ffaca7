// Whether a plan that the coordinator signed may be offered to people here; each refusal is a reason to block the round.
import { algorithmOf } from '../../shared/algorithms/catalog.ts';
import { AssentError } from '../../shared/errors.ts';
import { initialBlocks } from '../../shared/model/initial.ts';
import { parameterLayout } from '../../shared/model/layout.ts';
import type { Plan } from '../../shared/records/round.ts';
import { encodedColumns } from '../../shared/study/columns.ts';
import { studyBytes } from '../../shared/study/study.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { bytesOfFloats } from '../../shared/wire/safetensors.ts';
import { messageForm, messageSize, MODEL_VECTORS } from '../../shared/wire/update.ts';
import { createSha256, sha256 } from '../../platform/crypto.ts';
import type { Reader } from '../../platform/journal.ts';
import { aggregatedOutcome, joinedStudyOf } from '../store/rounds.ts';

const MOST_DAYS = 7;

/** Throws PLAN_INVALID saying what does not hold. The coordinator is not trusted with anything that can be checked here. */
export function checkPlan(read: Reader, plan: Plan, member: string): void {
  const refuse = (message: string, detail: Record<string, string> = {}): never => {
    throw new AssentError('PLAN_INVALID', `Round ${plan.round} of ${plan.definition.id}: ${message}`, detail);
  };
  const joined = joinedStudyOf(read, plan.definition.id);
  const study = plan.definition;
  if (toHex(sha256(studyBytes(study))) !== plan.studyHash)
    refuse('the study in the plan is not the one that its hash names.');
  if (plan.studyHash !== joined.hash) refuse('the plan is for another version of the study than the one joined here.');
  if (plan.round > study.rounds) refuse(`the study has ${study.rounds} rounds.`);

  if (!plan.cohort.includes(member)) refuse('this institution is not in the cohort.');
  if (plan.cohort.some((id, at) => at > 0 && id <= plan.cohort[at - 1]!)) refuse('the cohort is not in order.');
  const directory = read.get<{ bytes: Buffer }>('select bytes from directory where hash = ?', plan.directory);
  if (!directory) refuse('the plan names a member directory that was not received here.');
  const known = new Set(
    (JSON.parse(directory!.bytes.toString('utf8')) as { members: { id: string }[] }).members.map(({ id }) => id),
  );
  const stranger = plan.cohort.find((id) => !known.has(id));
  if (stranger !== undefined)
    refuse(`${stranger} is in the cohort but not in the member directory.`, { member: stranger });
  if (plan.cohort.length < study.cohort.quorum)
    refuse(`the cohort is smaller than the quorum of ${study.cohort.quorum}.`);

  const { vectors } = algorithmOf(study.algorithm);
  const layout = parameterLayout(study.model.layers, encodedColumns(study).length);
  if (plan.update.vectors.join() !== vectors.join()) refuse(`${study.algorithm.name} sends ${vectors.join(', ')}.`);
  if (plan.update.bytes !== messageSize(vectors, layout)) refuse('the size of the update is not that of the model.');

  if (plan.inputModel.bytes !== messageSize(MODEL_VECTORS, layout)) refuse('the model to start from has another size.');

  if (aggregatedOutcome(read, study.id, plan.round)) refuse('it was aggregated before.');
  const expected = expectedModel(read, plan, joined.joined_after);
  if (expected !== undefined && plan.inputModel.sha256 !== expected)
    refuse('the model to start from is not the one that follows from the rounds before.', { expected });

  const [opened, approveBy, sendBy] = [plan.openedAt, plan.approveBy, plan.sendBy].map((time) => Date.parse(time));
  if (!(opened! < approveBy! && approveBy! <= sendBy! && sendBy! - opened! <= MOST_DAYS * 24 * 3600_000))
    refuse('its deadlines are not in order, or more than 7 days away.');
}

/** Round 1 starts from the model that the study's seed gives; later ones from the outcome before. Unknown for who joined late. */
function expectedModel(read: Reader, plan: Plan, joinedAfter: number): string | undefined {
  const study = plan.definition;
  const layout = parameterLayout(study.model.layers, encodedColumns(study).length);
  if (plan.round === 1) {
    const sum = createSha256();
    sum.update(messageForm(MODEL_VECTORS, layout).header);
    for (const block of initialBlocks(study)) sum.update(bytesOfFloats(block));
    return toHex(sum.digest());
  }
  const before = aggregatedOutcome(read, study.id, plan.round - 1);
  if (!before) {
    const earlier = read.get(
      'select 1 from round where study = ? and round < ? and rowid > ?',
      study.id,
      plan.round,
      joinedAfter,
    );
    if (!earlier) return undefined;
    throw new AssentError(
      'PLAN_INVALID',
      `Round ${plan.round} of ${study.id}: how round ${plan.round - 1} ended was not told here.`,
    );
  }
  return before.model!;
}
