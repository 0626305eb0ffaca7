import fc from 'fast-check';
import { expect, it } from 'vitest';
import { algorithmOf } from '../../../shared/algorithms/catalog.ts';
import type { Study } from '../../../shared/study/study.ts';

const ALGORITHMS: Record<Study['algorithm']['name'], Study['algorithm']> = {
  fedsgd: { name: 'fedsgd', learningRate: 0.3 },
  fedavg: { name: 'fedavg', learningRate: 0.3, epochs: 2, batchSize: 'full' },
};

it('the server half of every algorithm does to a stretch of the vectors what it does to it among the others', () => {
  const values = (length: number) => fc.array(fc.float({ noNaN: true }), { minLength: length, maxLength: length });
  const vectors = fc.integer({ min: 1, max: 9 }).chain((n) => fc.tuple(values(n), values(n), fc.nat(n)));
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(ALGORITHMS)), vectors, (named, [before, sent, cut]) => {
      const algorithm = algorithmOf(named);
      const update = (begin: number, end: number) => {
        const stretch = Float32Array.from(sent.slice(begin, end));
        const message = Object.fromEntries(algorithm.vectors.map((name) => [name, stretch]));
        return [...algorithm.serverUpdate(Float32Array.from(before.slice(begin, end)), message)];
      };
      expect([...update(0, cut), ...update(cut, before.length)]).toEqual(update(0, before.length));
    }),
  );
});
