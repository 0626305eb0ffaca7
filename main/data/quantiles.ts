// Quantiles of a stream in flat memory: exact for few values, with a rank error that is bounded and known for many.

export type Quantiles = {
  add(value: number): void;
  /** The values kept, ascending, and how many values of the stream each stands for. */
  items(): { values: Float32Array; weights: Float64Array };
  /** The most by which the rank of a quantile is wrong, as a share of all values; 0 while every value is kept. */
  rankError(): number;
  erase(): void;
};

type Level = { values: Float32Array; count: number; odd: boolean };

/**
 * A deterministic compactor (Manku, Rajagopalan, Lindsay 1998, with the alternating halves of Karnin, Lang, Liberty 2016 in
 * the place of coins): a level that is full is sorted, and every second value goes to the next level with twice the weight.
 * One compaction at level h moves any rank by 2^h values at most, and there are n / (size * 2^h) of them, so that the
 * ranks after H levels are off by n * H / size at most. `size` is even: values a level, and values kept exactly.
 */
export function quantileSketch(size: number): Quantiles {
  const levels: Level[] = [];

  function push(level: number, value: number): void {
    const at = (levels[level] ??= { values: new Float32Array(size), count: 0, odd: false });
    if (at.count === size) compact(level, at);
    at.values[at.count++] = value;
  }

  function compact(level: number, at: Level): void {
    at.values.sort();
    at.count = 0;
    for (let i = at.odd ? 1 : 0; i < size; i += 2) push(level + 1, at.values[i]!);
    at.odd = !at.odd;
  }

  return {
    add: (value) => push(0, value),
    items() {
      const all = levels.flatMap(({ values, count }, level) =>
        Array.from(values.subarray(0, count), (value): [number, number] => [value, 2 ** level]),
      );
      all.sort(([a], [b]) => a - b);
      return {
        values: Float32Array.from(all, ([value]) => value),
        weights: Float64Array.from(all, ([, weight]) => weight),
      };
    },
    rankError: () => Math.max(0, levels.length - 1) / size,
    erase() {
      for (const { values } of levels) values.fill(0);
      levels.length = 0;
    },
  };
}

/** The smallest value that at least the share `p` of the weight does not exceed (nearest rank). NaN where there is none. */
export function quantileOf({ values, weights }: ReturnType<Quantiles['items']>, p: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let below = 0;
  for (let i = 0; i < values.length; i++) {
    below += weights[i]!;
    if (below >= p * total) return values[i]!;
  }
  return NaN;
}
