// The methods of node.proto about models: training an own one to compare with, looking at both, writing one to a file.
import type { ServiceImpl } from '@connectrpc/connect';
import { rename, writeFile } from 'node:fs/promises';
import type { Progress } from '../shared/algorithms/algorithm.ts';
import { AssentError } from '../shared/errors.ts';
import type { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { trainLocal, type ModelScores } from './local-model.ts';
import { modelSize } from './model/received.ts';
import type { AssentNode } from './node.ts';
import { aggregatedOutcome, joinedStudyOf, studyOf, studyRowOf } from './store/rounds.ts';
import { streaming } from './streaming.ts';

type Methods = 'trainLocal' | 'getModels' | 'saveModel';

export function modelHandlers({ store, rounds }: AssentNode): Pick<ServiceImpl<typeof NodeService>, Methods> {
  const { read } = store.journal;
  return {
    async *trainLocal({ study }, { signal }) {
      const work = streaming<Progress, ModelScores>(signal, (tell, stop) => trainLocal(rounds, study, tell, stop));
      for await (const step of work)
        if (step.done) yield { kind: { case: 'model' as const, value: scores(step.value) } };
        else yield { kind: { case: 'progress' as const, value: step.value } };
    },
    getModels({ study }) {
      joinedStudyOf(read, study);
      const kept = read.get<{ metrics: string }>('select metrics from model where study = ?', study);
      const local = read.get<{ metrics: string }>('select metrics from local_model where study = ?', study);
      return {
        ...(kept && { consortium: scores(JSON.parse(kept.metrics) as ModelScores) }),
        ...(local && { local: scores(JSON.parse(local.metrics) as ModelScores) }),
      };
    },
    async saveModel({ study, round, path }, { signal }) {
      const hash = round === 0 ? localHash(study) : outcomeModel(study, round);
      if (round > 0) await rounds.model(hash, modelSize(studyOf(studyRowOf(read, study))), signal, { study, round });
      const size = await store.blobs.size(hash);
      if (size === undefined) throw new AssentError('BLOB_UNKNOWN', `Model ${hash} is not in the store.`, { hash });
      await writeFile(`${path}.part`, store.blobs.stream(hash, 0, size));
      await rename(`${path}.part`, path);
      return { modelHash: hash };
    },
  };

  function localHash(study: string): string {
    const row = read.get<{ sha256: string }>('select sha256 from local_model where study = ?', study);
    if (!row)
      throw new AssentError(
        'BLOB_UNKNOWN',
        `No local model of ${study} was trained here. Run: assent-node train-local ${study}`,
      );
    return row.sha256;
  }

  function outcomeModel(study: string, round: number): string {
    const model = aggregatedOutcome(read, study, round)?.model;
    if (!model)
      throw new AssentError('ROUND_UNKNOWN', `Round ${round} of ${study} has led to no model that is known here.`);
    return model;
  }
}

const scores = ({ model, rows, auc, accuracy, logLoss }: ModelScores) => ({
  modelHash: model,
  rows,
  ...(auc !== null && { auc }),
  ...(accuracy !== null && { accuracy }),
  ...(logLoss !== null && { logLoss }),
});
