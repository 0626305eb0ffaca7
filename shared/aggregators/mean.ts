// The weighted mean of many vectors, one coordinate at a time and one update at a time: memory does not grow with members.
//
//   mean_i = Σ_k n_k x_k,i / Σ_k n_k   in float64, rounded once to float32
//
// A floating-point sum depends on its order, so updates are added in the order of member ids, whatever order they came
// in: then anybody who has the stored updates can compute the aggregate again, bit for bit. A long vector may be taken
// block by block (`startMean` for each), which changes nothing: coordinates do not meet.
import { AssentError } from '../errors.ts';
import type { Vector } from '../math/vector.ts';

export type Mean = {
  /** Adds one member's values. Throws UPDATE_SHAPE on another length, UPDATE_WEIGHT unless weight is finite and above 0. */
  add(values: Float32Array, weight: number): void;
  /** The mean of what was added; throws UPDATE_WEIGHT when nothing was. */
  finish(): Vector;
};

/** The order in which updates are added: by UTF-16 code units, the same in every locale. */
export function memberOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function startMean(length: number): Mean {
  const sums = new Float64Array(length);
  let total = 0;
  return {
    add(values, weight) {
      if (values.length !== length) {
        throw new AssentError('UPDATE_SHAPE', `An update has ${values.length} values where ${length} are averaged.`);
      }
      if (!Number.isFinite(weight) || weight <= 0) {
        throw new AssentError('UPDATE_WEIGHT', `An update weighs ${weight}; a weight is a finite number above 0.`);
      }
      for (let i = 0; i < length; i++) sums[i] = sums[i]! + weight * values[i]!;
      total += weight;
    },
    finish() {
      if (total === 0) throw new AssentError('UPDATE_WEIGHT', 'There is no update to average.');
      const mean = new Float32Array(length);
      for (let i = 0; i < length; i++) mean[i] = sums[i]! / total;
      return mean;
    },
  };
}
