// What follows from a study: its algorithm, the parameters, and the exact form and size of updates and models.
import { algorithmOf, type BoundAlgorithm } from '../algorithms/catalog.ts';
import { parameterLayout, type Parameter } from '../model/layout.ts';
import { messageForm, MODEL_VECTORS, type MessageForm } from '../wire/update.ts';
import { encodedColumns } from './columns.ts';
import type { Study } from './schema.ts';

export type StudyForms = { algorithm: BoundAlgorithm; layout: Parameter[]; update: MessageForm; model: MessageForm };

export function formsOf(study: Study): StudyForms {
  const algorithm = algorithmOf(study.algorithm);
  const layout = parameterLayout(study.model.layers, encodedColumns(study).length);
  return {
    algorithm,
    layout,
    update: messageForm(algorithm.vectors, layout),
    model: messageForm(MODEL_VECTORS, layout),
  };
}
