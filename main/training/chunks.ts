// How many rows go into one native call: enough to be quick, few enough that progress and cancel work between calls.
import type { Parameter } from '../../shared/model/layout.ts';

// 2e9 operations take a tenth of a second on a slow machine (20 GFLOP/s) and some milliseconds on a quick one.
const OPERATIONS = 2e9;
// 64 MB of layer outputs.
const OUTPUTS = 16_777_216;
const MOST_ROWS = 8192;
// Below this a call spends its time reading the parameters, and smaller chunks gain nothing.
const LEAST_ROWS = 16;

/**
 * Rows a chunk, from the shape of the model alone: sums are rounded chunk by chunk, so a size that depended on time or
 * memory would make two runs differ in their last bits.
 */
export function chunkRows(layout: readonly Parameter[]): number {
  // Forward one multiplication and one addition a weight, backward twice that.
  const operations = layout.reduce((sum, { length }) => sum + 6 * length, 0);
  const rows = Math.floor(Math.min(MOST_ROWS, OPERATIONS / operations, OUTPUTS / rowOutputs(layout)));
  return Math.max(LEAST_ROWS, rows);
}

/** Float32 values a row becomes on its way through the layers: its own columns and every layer's outputs, twice over. */
export function rowOutputs(layout: readonly Parameter[]): number {
  const kernels = layout.filter(({ shape }) => shape.length === 2);
  return kernels.reduce((sum, { shape }) => sum + 2 * shape[1]!, kernels[0]?.shape[0] ?? 0);
}
