// Flat float32 vectors: how weights, gradients and deltas travel between algorithms, wire and trainer.
export type Vector = Float32Array<ArrayBuffer>;

/** The L2 norm, summed in float64; NaN or infinite when a value is. */
export function norm(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return Math.sqrt(sum);
}
