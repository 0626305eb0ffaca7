// How many numbers a part of a model holds.
export const countOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
