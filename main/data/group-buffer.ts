// Rows gathered into groups of the size in which they are kept, in one buffer that is zeroed after every group.
import type { Column } from './columns.ts';
import { keptColumns, type EachGroup } from './reading.ts';

const GROUP_ROWS = 8192;
const GROUP_VALUES = 2 ** 22;

/** Rows a group: 8,192, fewer where a row is so wide that a group would pass 16 MiB. */
const rowsAGroup = (width: number): number =>
  Math.max(1, Math.min(GROUP_ROWS, Math.floor(GROUP_VALUES / Math.max(1, width))));

/**
 * `row()` gives the place of the next row: its values are `values[place..place + width)`. A group that is full goes to `each`
 * when another row comes, the last one with `flush()`.
 */
export function groupBuffer(columns: readonly Column[], each: EachGroup) {
  const width = keptColumns(columns).length;
  const most = rowsAGroup(width);
  const values = new Float32Array(most * width);
  let rows = 0;
  const flush = () => {
    const filled = values.subarray(0, rows * width);
    if (rows > 0) each(filled, rows);
    filled.fill(0);
    rows = 0;
  };
  return {
    width,
    values,
    row(): number {
      if (rows === most) flush();
      rows += 1;
      return (rows - 1) * width;
    },
    flush,
    erase: () => void values.fill(0),
  };
}
