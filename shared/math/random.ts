// Named, seedable random streams: the same numbers on every platform. For models and shuffles, never for secrets.

/** One stream of numbers. Every stream of the same seed and labels yields the same numbers. */
export type RandomStream = {
  /** Uniform in [0, 1), a multiple of 2^-53. */
  next(): number;
  /** Uniform whole number in [0, n), without bias; n from 1 to 2^32. */
  int(n: number): number;
  /** Standard normal. Uses Math.log, whose last bit may differ between engines; `next` and `int` do not. */
  normal(): number;
  /** Shuffles in place, every order equally likely (Fisher and Yates, from the end). */
  shuffle(values: Int32Array): void;
};

/**
 * The stream of a seed (whole, 0 to 2^53 - 1) and labels such as ('shuffle', member, round). Labels are separated and
 * typed, so that ('ab', 'c'), ('a', 'bc') and (1), ('1') are different streams.
 * Source: xoshiro128** 1.1 (Blackman and Vigna 2018), its state four murmur3-style hashes of the labels.
 */
export function stream(seed: number, ...labels: readonly (string | number)[]): RandomStream {
  const state = seedState(JSON.stringify([seed, ...labels]));
  const bits = (): number => xoshiro(state);

  const next = (): number => ((bits() >>> 5) * 67_108_864 + (bits() >>> 6)) / 9_007_199_254_740_992;

  const int = (n: number): number => {
    // Values at or above the largest multiple of n below 2^32 would favour small results.
    const limit = 4_294_967_296 - (4_294_967_296 % n);
    for (;;) {
      const value = bits();
      if (value < limit) return value % n;
    }
  };

  // Polar method of Marsaglia and Bray: no sine, one logarithm; its second value is thrown away to keep the stream simple.
  const normal = (): number => {
    for (;;) {
      const u = 2 * next() - 1;
      const v = 2 * next() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
    }
  };

  const shuffle = (values: Int32Array): void => {
    for (let i = values.length - 1; i > 0; i--) {
      const j = int(i + 1);
      const kept = values[i]!;
      values[i] = values[j]!;
      values[j] = kept;
    }
  };

  return { next, int, normal, shuffle };
}

/** The next word (uint32) of xoshiro128** 1.1; moves its state of four words, which must not all be 0. */
export function xoshiro(s: Uint32Array): number {
  const s1 = s[1]!;
  const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
  s[2] = s[2]! ^ s[0]!;
  s[3] = s[3]! ^ s1;
  s[1] = s1 ^ s[2];
  s[0] = s[0]! ^ s[3];
  s[2] = s[2] ^ (s1 << 9);
  s[3] = rotate(s[3], 11);
  return result;
}

const rotate = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

// Four words from four differently started hashes of the same text, each finished by murmur3's mixer.
function seedState(name: string): Uint32Array {
  const state = new Uint32Array(4);
  for (let lane = 0; lane < 4; lane++) {
    let h = Math.imul(lane + 1, 0x9e3779b9);
    for (let i = 0; i < name.length; i++) {
      h = Math.imul(rotate(h ^ Math.imul(name.charCodeAt(i), 0xcc9e2d51), 15), 0x1b873593) + 0xe6546b64;
    }
    state[lane] = mix(h ^ name.length);
  }
  // xoshiro never leaves the all-zero state.
  if (state.every((word) => word === 0)) state[0] = 1;
  return state;
}

function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
