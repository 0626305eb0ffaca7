// Models as they come from the coordinator: bytes whose hash a signed record named, decoded strictly.
import type { Vector } from '../../shared/math/vector.ts';
import { parameterLayout } from '../../shared/model/layout.ts';
import { encodedColumns } from '../../shared/study/columns.ts';
import type { Study } from '../../shared/study/study.ts';
import { decodeMessage, encodeMessage, messageSize, MODEL_VECTORS } from '../../shared/wire/update.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { sha256 } from '../../platform/crypto.ts';

const layoutOf = (study: Study) => parameterLayout(study.model.layers, encodedColumns(study).length);

/** Throws UPDATE_SHAPE, UPDATE_NOT_FINITE or TENSORS_INVALID unless the bytes are a model of this study. */
export function decodeModel(study: Study, bytes: Uint8Array): Vector {
  return decodeMessage(new Uint8Array(bytes), MODEL_VECTORS, layoutOf(study))['model']!;
}

export function encodeModel(study: Study, weights: Vector): { bytes: Uint8Array; hash: string } {
  const bytes = encodeMessage({ model: weights }, layoutOf(study));
  return { bytes, hash: toHex(sha256(bytes)) };
}

/** Bytes of a model of this study. */
export const modelSize = (study: Study): number => messageSize(MODEL_VECTORS, layoutOf(study));
