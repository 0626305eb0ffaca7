import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AssentError } from '../../../shared/errors.ts';
import { encodedColumns, encodedWidth, spelling } from '../../../shared/study/columns.ts';
import { parseStudy, readStudy, studyBytes, studyJsonSchema } from '../../../shared/study/study.ts';
import { changedStudy, exampleStudy } from '../../support/example-study.ts';

// The refusal without its first line, or what was not refused.
function problems(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    return error.message.split('\n').slice(error.code === 'STUDY_INVALID' ? 1 : 0);
  }
  return ['nothing refused'];
}

const problemsOf = (...changes: [string, unknown][]) => problems(() => parseStudy(changedStudy(...changes)));

const text = { en: 'a', zh: '甲' };
const dense = (units: unknown, more: object = {}) => ({ class_name: 'Dense', config: { units, ...more } });

describe('a study', () => {
  it('that the example holds is valid', () => {
    const study = exampleStudy();
    expect(parseStudy(JSON.parse(JSON.stringify(study)))).toEqual(study);
    expect(study.schema.features.map(({ name }) => name)).toEqual(
      'age sex cp trestbps chol fbs restecg thalch exang oldpeak slope'.split(' '),
    );
  });

  it('may name the JSON Schema for editors', () => {
    expect(problemsOf(['$schema', './study.schema.json'])).toEqual(['nothing refused']);
  });

  it.each<[path: string, value: unknown, problem: string]>([
    // Unknown things, at any depth.
    ['comment', 'x', 'comment: unknown field'],
    ['model.layers.0.config.kernel_regularizer', 1, 'model.layers[0].config.kernel_regularizer: unknown field'],
    ['schema.features.0.missing.strategy', 'mean', 'schema.features[0].missing.strategy: unknown field'],
    ['nouns.row.en.few', 'x', 'nouns.row.en.few: unknown field'],
    ['purpose.de', 'x', 'purpose.de: unknown field'],
    [
      'model.layers.0',
      { class_name: 'Conv2D', config: {} },
      'model.layers[0].class_name: unknown layer "Conv2D"; known: Dense, Activation',
    ],
    [
      'model.layers.0',
      { class_name: 'Lambda', config: { function: 'x' } },
      'model.layers[0].class_name: unknown layer "Lambda"; known: Dense, Activation',
    ],
    ['algorithm.name', 'fedprox', 'algorithm.name: unknown algorithm "fedprox"; known: fedsgd, fedavg'],
    ['schema.features.0.kind', 'image', 'schema.features[0].kind: unknown kind "image"; known: number, category'],
    ['aggregation.name', 'krum', 'aggregation.name: must be one of: mean'],
    ['loss', 'hinge', 'loss: must be one of: sigmoidCrossEntropy, softmaxCrossEntropy'],
    ['metrics.0', 'f1', 'metrics[0]: must be one of: auc, accuracy, logLoss'],
    // Missing and mistyped.
    ['purpose.zh', undefined, 'purpose.zh: is missing'],
    ['algorithm', undefined, 'algorithm: is missing'],
    ['algorithm.epochs', undefined, 'algorithm.epochs: is missing'],
    ['algorithm', null, 'algorithm: must be an object'],
    ['model.layers', {}, 'model.layers: must be a list of 1 to 64 entries'],
    ['model.layers', [], 'model.layers: must be a list of 1 to 64 entries'],
    ['rounds', '20', 'rounds: must be a whole number from 1 to 10000'],
    ['id', 'Heart Disease', 'id: must be 1 to 63 lowercase letters, digits and hyphens, starting with a letter'],
    ['title.en', ' ', 'title.en: must be 1 to 2000 characters of plain text'],
    ['purpose.en', 'pay \u202Eseitrap', 'purpose.en: must be 1 to 2000 characters of plain text'],
    ['purpose.en', 'half a pair \uD800', 'purpose.en: must be 1 to 2000 characters of plain text'],
    ['split.seed', 2 ** 40, 'split.seed: must be a whole number from 0 to 4294967295'],
    // Not numbers.
    ['algorithm.learningRate', Number.NaN, 'algorithm.learningRate: must be a number above 0, up to 10'],
    ['algorithm.learningRate', Number.POSITIVE_INFINITY, 'algorithm.learningRate: must be a number above 0, up to 10'],
    ['algorithm.learningRate', 'NaN', 'algorithm.learningRate: must be a number above 0, up to 10'],
    ['algorithm.learningRate', null, 'algorithm.learningRate: must be a number above 0, up to 10'],
    ['algorithm.learningRate', 0, 'algorithm.learningRate: must be a number above 0, up to 10'],
    ['schema.features.0.sd', 0, 'schema.features[0].sd: must be a number above 0, up to 1e+30'],
    ['schema.features.0.mean', Number.NaN, 'schema.features[0].mean: must be a number from -1e+30 to 1e+30'],
    // Absurd sizes.
    ['model.layers.0.config.units', 100_000, 'model.layers[0].config.units: must be a whole number from 1 to 16384'],
    ['algorithm.epochs', 1001, 'algorithm.epochs: must be a whole number from 1 to 1000'],
    ['algorithm.learningRate', 11, 'algorithm.learningRate: must be a number above 0, up to 10'],
    ['algorithm.batchSize', 0, 'algorithm.batchSize: must be "full" or a whole number from 1 to 1000000'],
    ['rounds', 10_001, 'rounds: must be a whole number from 1 to 10000'],
    ['deadlines.sendSeconds', 604_801, 'deadlines.sendSeconds: must be a whole number from 1 to 604800'],
    ['bounds.norm', 0, 'bounds.norm: must be a number above 0, up to 1000000'],
    [
      'schema.features.1.categories',
      Array.from({ length: 10_001 }, (_, i) => ({ value: `v${i}`, label: text })),
      'schema.features[1].categories: must be a list of 1 to 10000 entries',
    ],
    [
      'schema.features.1.categories',
      Array.from({ length: 5000 }, (_, i) => ({ value: `v${i}`, label: text })),
      'schema.features: become 5019 columns when encoded; at most 4096',
    ],
    [
      'model.layers',
      [dense(16_384), dense(16_384), dense(1)],
      'model.layers: make 268828673 parameters; at most 50000000',
    ],
    // Contradictions.
    ['loss', 'softmaxCrossEntropy', 'model.layers[0].config.units: must be 2 for softmaxCrossEntropy and 2 classes'],
    ['model.layers.0.config.units', 2, 'model.layers[0].config.units: must be 1 for sigmoidCrossEntropy and 2 classes'],
    [
      'schema.target.classes.2',
      { value: 'unsure', label: text },
      'loss: sigmoidCrossEntropy tells two classes apart; the target has 3',
    ],
    [
      'model.layers.0.config.activation',
      'sigmoid',
      'model.layers[0]: the last layer must be Dense and linear: softmax or sigmoid belong to the loss',
    ],
    [
      'model.layers.1',
      { class_name: 'Activation', config: { activation: 'relu' } },
      'model.layers[1]: the last layer must be Dense and linear: softmax or sigmoid belong to the loss',
    ],
    ['metrics', ['accuracy'], 'releases[3]: auc is not evaluated; add it to metrics'],
    ['metrics', ['auc', 'auc'], 'metrics: names a metric twice'],
    ['releases', ['examples'], 'releases: must name update: it leaves each round whatever the study says'],
    ['releases', ['update', 'loss'], 'releases: must name examples: it leaves each round whatever the study says'],
    ['releases', ['update', 'examples', 'update'], 'releases: names a release twice'],
    [
      'stop',
      { metric: 'accuracy', leastImprovement: 0.001, patience: 3 },
      'stop.metric: accuracy does not leave the institutions; add it to releases',
    ],
    ['cohort.quorum', 5, 'cohort.quorum: must not exceed cohort.least, 4'],
    ['deadlines.approveSeconds', 172_801, 'deadlines.approveSeconds: must not exceed deadlines.sendSeconds, 172800'],
    ['publication', 'everybody', 'publication: must be one of: none, members'],
    ['split.test', 0.2, 'split: train, validation and test add up to 0.8999999999999999; they must add up to 1'],
    [
      'split',
      { seed: 0, train: 0, validation: 0.5, test: 0.5 },
      'split.train: must be above 0: there would be nothing to train on',
    ],
    [
      'split',
      { seed: 0, train: 1, validation: 0, test: 0 },
      'split.test: must be above 0: metrics are computed on test rows',
    ],
    ['schema.features.2.name', 'AGE', 'schema.features[2].name: another feature has this name'],
    ['schema.target.name', 'chol', 'schema.target.name: is also a feature; a model must not be given the answer'],
    [
      'schema.features.1.categories.1.value',
      ' female'.trim(),
      'schema.features[1].categories[1].value: is given twice (case and outer spaces do not count)',
    ],
    [
      'schema.features.1.categories.1.accepts.0',
      'f',
      'schema.features[1].categories[1].accepts[0]: is given twice (case and outer spaces do not count)',
    ],
    [
      'schema.target.classes.1.accepts.3',
      '0',
      'schema.target.classes[1].accepts[3]: is given twice (case and outer spaces do not count)',
    ],
    ['schema.features.0.range', [100, 18], 'schema.features[0].range: the first number must be below the second'],
    ['schema.features.0.mean', 17, 'schema.features[0].mean: must lie within range, 18 to 100'],
    ['schema.features.0.missing.value', 0, 'schema.features[0].missing.value: must lie within range, 18 to 100'],
    ['schema.features.3.treatAsMissing', [0, 0], 'schema.features[3].treatAsMissing: names a value twice'],
  ])('with %s = %j is refused, naming the field', (path, value, problem) => {
    expect(problemsOf([path, value])).toEqual([problem]);
  });

  it('says whether its updates are published, which takes somebody to publish them to', () => {
    expect(exampleStudy().publication).toBeUndefined();
    for (const publication of ['none', 'members'])
      expect(problemsOf(['publication', publication])).toEqual(['nothing refused']);
    expect(problemsOf(['publication', 'members'], ['cohort', { least: 1, quorum: 1 }])).toEqual([
      'publication: must not be members where cohort.least is 1: nobody else would be there',
    ]);
  });

  it('is refused with all its problems at once', () => {
    expect(problemsOf(['rounds', 0], ['model.layers.0.class_name', 'LSTM'], ['extra', 1])).toEqual([
      'model.layers[0].class_name: unknown layer "LSTM"; known: Dense, Activation',
      'rounds: must be a whole number from 1 to 10000',
      'extra: unknown field',
    ]);
  });

  it('may have several classes, or two units for two classes, with softmax', () => {
    const softmax: [string, unknown][] = [['loss', 'softmaxCrossEntropy']];
    expect(problemsOf(...softmax, ['model.layers.0.config.units', 2])).toEqual(['nothing refused']);
    const third: [string, unknown] = ['schema.target.classes.2', { value: 'unsure', label: text }];
    expect(problemsOf(...softmax, third, ['model.layers.0.config.units', 3])).toEqual(['nothing refused']);
  });

  it('of another schemaVersion is refused as that, naming those that are read', () => {
    expect(problemsOf(['schemaVersion', 2], ['newField', 1])).toEqual([
      'The study has schemaVersion 2; this program reads 1. Update the program or use another version.',
    ]);
    expect(problemsOf(['schemaVersion', '1'])).toEqual(['schemaVersion: must be 1']);
    expect(problemsOf(['schemaVersion', undefined])).toEqual(['schemaVersion: is missing']);
  });

  it('is an object', () => {
    for (const value of [null, 7, 'study', []]) {
      expect(problems(() => parseStudy(value))).toEqual(['(the study): must be an object']);
    }
  });

  it('is known by bytes that do not depend on the order or spacing of its file', () => {
    const study = exampleStudy();
    const reversed = Object.fromEntries(Object.entries(study).toReversed());
    expect(studyBytes(parseStudy(reversed))).toEqual(studyBytes(study));
    expect(studyBytes(parseStudy(changedStudy(['rounds', 21])))).not.toEqual(studyBytes(study));
  });
});

describe('the JSON Schema of a study', () => {
  it('refuses unknown fields and describes every field of the example', () => {
    const schema = studyJsonSchema();
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema['additionalProperties']).toBe(false);
    expect(schema['required']).not.toContain('$schema');
    const fields = Object.keys(schema['properties'] as object);
    expect(Object.keys(exampleStudy()).filter((field) => !fields.includes(field))).toEqual([]);
  });
});

describe('the encoded columns', () => {
  it('follow the study: values, then the indicator', () => {
    const study = parseStudy(
      changedStudy(['schema.features.0.missing.indicator', true], ['schema.features.1.missing.indicator', true]),
    );
    expect(encodedColumns(study).slice(0, 6)).toEqual([
      { feature: 'age', column: 'age' },
      { feature: 'age', column: 'age:missing' },
      { feature: 'sex', column: 'sex=Female' },
      { feature: 'sex', column: 'sex=Male' },
      { feature: 'sex', column: 'sex:missing' },
      { feature: 'cp', column: 'cp=typical angina' },
    ]);
    expect(study.schema.features.slice(0, 3).map(encodedWidth)).toEqual([2, 3, 4]);
  });

  it('are 21 for the example', () => {
    expect(encodedColumns(exampleStudy())).toHaveLength(21);
  });

  it('compare spellings without case, outer spaces and Unicode form', () => {
    expect(spelling(' Cafe\u0301 ')).toBe(spelling('CAF\u00C9'));
  });
});

describe('the file of a study', () => {
  const file = readFileSync(new URL('../../../examples/heart-disease/study.json', import.meta.url), 'utf8');

  it('larger than a MiB is refused', () => {
    expect(() => readStudy(' '.repeat(1024 * 1024) + file)).toThrow('larger than 1048576 characters');
  });

  it('that is not JSON is refused with line and column', () => {
    const broken = file.replace('"rounds": 20,', '"rounds": twenty,');
    const line = broken.split('\n').findIndex((text) => text.includes('twenty')) + 1;
    expect(() => readStudy(broken)).toThrow(`line ${line}, column 13: expected a value`);
  });

  it('with an endless number is refused at its field', () => {
    expect(problems(() => readStudy(file.replace('"learningRate": 0.3', '"learningRate": 1e999')))).toEqual([
      'algorithm.learningRate: must be a number above 0, up to 10',
    ]);
  });
});
