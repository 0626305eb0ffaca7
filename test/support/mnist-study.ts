// 2,000 rows of MNIST as an institution would bring them: a CSV file of pixels and a digit, and a study of them.
import { parseStudy, type Study } from '../../shared/study/study.ts';
import { changedStudy } from './example-study.ts';

export const PIXELS = 784;

const text = (value: string) => ({ en: value, zh: value });

export const mnistStudy = (members: number): Study =>
  parseStudy(
    changedStudy(
      ['id', 'mnist'],
      [
        'schema.features',
        Array.from({ length: PIXELS }, (_, i) => ({
          name: `p${i}`,
          label: text(`p${i}`),
          kind: 'number',
          range: [0, 255],
          mean: 0,
          sd: 255,
          missing: { value: 0, indicator: false },
        })),
      ],
      [
        'schema.target',
        {
          name: 'digit',
          label: text('digit'),
          kind: 'class',
          classes: Array.from({ length: 10 }, (_, i) => ({ value: String(i), label: text(String(i)) })),
        },
      ],
      [
        'model.layers',
        [
          { class_name: 'Dense', config: { units: 128, activation: 'relu' } },
          { class_name: 'Dense', config: { units: 10 } },
        ],
      ],
      ['loss', 'softmaxCrossEntropy'],
      ['metrics', []],
      ['releases', ['update', 'examples', 'loss']],
      ['algorithm', { name: 'fedsgd', learningRate: 0.1 }],
      ['split', { seed: 0, train: 1, validation: 0, test: 0 }],
      ['rounds', 20],
      ['bounds.norm', 100],
      ['cohort', { least: members, quorum: members }],
    ),
  );

/** Rows `from` to `to` (exclusive) as CSV text. */
export function mnistCsv(images: Uint8Array, labels: Uint8Array, from: number, to: number): string {
  const header = [...Array.from({ length: PIXELS }, (_, i) => `p${i}`), 'digit'].join(',');
  const lines = Array.from({ length: to - from }, (_, i) => {
    const row = from + i;
    return `${images.subarray(row * PIXELS, (row + 1) * PIXELS).join(',')},${labels[row]}`;
  });
  return `${header}\n${lines.join('\n')}\n`;
}
