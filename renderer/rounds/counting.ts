// How many numbers a part of a model holds.
export const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** And all parts together. */
export const numbersIn = (parts: readonly { shape: readonly number[] }[]): number =>
  parts.reduce((sum, { shape }) => sum + countOf(shape), 0);
