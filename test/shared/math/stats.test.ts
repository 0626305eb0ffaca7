import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracy, auc, enoughCases, LEAST_CASES, logLoss } from '../../../shared/math/stats.ts';

// The definition itself: every pair of a negative and a positive, ties half.
function aucOverPairs(scores: number[], labels: number[]): number {
  let [wins, pairs] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    for (let j = 0; j < scores.length; j++) {
      if (labels[i] !== 1 || labels[j] !== 0) continue;
      pairs++;
      wins += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0;
    }
  }
  return wins / pairs;
}

describe('AUC', () => {
  it('counts pairs in the right order, ties half', () => {
    const labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
    expect(auc([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], labels)).toBe(1);
    expect(auc([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], labels)).toBe(0);
    expect(auc(new Array(10).fill(0.5), labels)).toBe(0.5);
    // Of 25 pairs one is tied (6, 6) and two are in the wrong order (7.5 above 6 and 7).
    expect(auc([1, 2, 3, 6, 7.5, 6, 7, 8, 9, 10], labels)).toBe((25 - 0.5 - 2) / 25);
  });

  it('equals the definition for any scores, with many ties', () => {
    const cases = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom(0, 1)), { minLength: 10 });
    fc.assert(
      fc.property(cases, (rows) => {
        const [scores, labels] = [rows.map(([score]) => score), rows.map(([, label]) => label)];
        fc.pre(enoughCases(labels));
        expect(auc(scores, labels)).toBeCloseTo(aucOverPairs(scores, labels), 12);
      }),
    );
  });

  it('is null with four cases of a class and a number with five', () => {
    expect(LEAST_CASES).toBe(5);
    expect(auc([1, 2, 3, 4, 5, 6, 7, 8, 9], [0, 0, 0, 0, 1, 1, 1, 1, 1])).toBeNull();
    expect(auc([1, 2, 3, 4, 5, 6, 7, 8, 9], [0, 0, 0, 0, 0, 1, 1, 1, 1])).toBeNull();
    expect(auc([], [])).toBeNull();
  });

  it('refuses a score that is not a number', () => {
    expect(() => auc([1, Number.NaN], [0, 1])).toThrow('the score of row 1 is not a number');
  });
});

describe('accuracy and log loss', () => {
  const labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
  it('are means over the rows', () => {
    expect(accuracy([0, 0, 0, 0, 1, 1, 1, 1, 1, 0], labels)).toBe(0.8);
    expect(logLoss(new Array(10).fill(0.5), labels)).toBeCloseTo(Math.LN2, 12);
  });
  it('keep one sure mistake finite', () => {
    expect(logLoss([0, ...new Array<number>(9).fill(1)], labels)).toBeCloseTo(-Math.log(1e-7) / 10, 12);
  });
  it('are null with too few cases of a class that occurs, or with one class only', () => {
    expect(accuracy([0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1])).toBeNull();
    expect(logLoss([1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1])).toBeNull();
  });
});
