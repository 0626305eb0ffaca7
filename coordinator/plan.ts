// The plan of one round: everything that an institution has to know and approve, fixed and signed before anybody is asked.
import { initialBlocks } from '../shared/model/initial.ts';
import type { Plan } from '../shared/records/round.ts';
import { formsOf } from '../shared/study/forms.ts';
import type { Study } from '../shared/study/study.ts';
import { bytesOfFloats } from '../shared/wire/safetensors.ts';

/** The model that round 1 starts from, piece by piece: it follows from the study's seed alone. */
export async function* firstModel(study: Study): AsyncIterable<Uint8Array> {
  yield formsOf(study).model.header;
  for (const block of initialBlocks(study)) yield bytesOfFloats(block);
}

export function planOf(o: {
  study: Study;
  studyHash: string;
  round: number;
  attempt: number;
  cohort: string[];
  directory: string;
  inputModel: string;
  openedAt: number;
}): Plan {
  const { algorithm, update, model } = formsOf(o.study);
  const after = (seconds: number) => new Date(o.openedAt + seconds * 1000).toISOString();
  return {
    v: 1,
    round: o.round,
    attempt: o.attempt,
    definition: o.study,
    studyHash: o.studyHash,
    cohort: o.cohort,
    directory: o.directory,
    inputModel: { sha256: o.inputModel, bytes: model.size },
    update: { vectors: [...algorithm.vectors], bytes: update.size },
    openedAt: after(0),
    approveBy: after(o.study.deadlines.approveSeconds),
    sendBy: after(o.study.deadlines.sendSeconds),
  };
}
