// How many different values a stream holds, in flat memory: exact up to a limit, then estimated from the smallest hashes.

export type Distinct = {
  add(value: number): void;
  count(): number;
  exact(): boolean;
  /** The values themselves; undefined once there are more than the limit. */
  values(): ReadonlySet<number> | undefined;
  erase(): void;
};

const HASHES = 4096; // the estimate's relative standard error is 1 / sqrt(HASHES - 2), 1.6 %

/** Values are float32. After more than `limit` of them: k minimum values (Bar-Yossef et al. 2002), without randomness. */
export function distinctCounter(limit: number): Distinct {
  const seen = new Set<number>();
  let over = false;
  let kept = new Uint32Array(0);
  let count = 0;
  let threshold = 2 ** 32;
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);

  function hash(value: number): number {
    float[0] = value;
    let h = bits[0]! ^ 0x9e3779b9; // the finaliser of MurmurHash3, which spreads every bit
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  }

  function shrink(): void {
    const unique = Uint32Array.from(new Set(kept.subarray(0, count))).sort();
    count = Math.min(HASHES, unique.length);
    kept.set(unique.subarray(0, count));
    if (count === HASHES) threshold = kept[count - 1]!;
  }

  function keep(value: number): void {
    const h = hash(value);
    if (h >= threshold) return;
    kept[count++] = h;
    if (count === kept.length) shrink();
  }

  return {
    add(value) {
      if (over) return keep(value);
      seen.add(value);
      if (seen.size <= limit) return;
      over = true;
      kept = new Uint32Array(2 * HASHES);
      for (const each of seen) keep(each);
      seen.clear();
    },
    count() {
      if (!over) return seen.size;
      shrink();
      return count < HASHES ? count : Math.round(((HASHES - 1) * 2 ** 32) / threshold);
    },
    exact: () => !over,
    values: () => (over ? undefined : seen),
    erase() {
      seen.clear();
      kept.fill(0);
    },
  };
}
