// What the fields of a study say about each other: every contradiction is refused here and nowhere else.
import type { Layer } from '../model/layers.ts';
import { parameterCount, parameterLayout } from '../model/layout.ts';
import { encodedWidth, spelling } from './columns.ts';
import type { Choice, Feature, Study } from './schema.ts';

export type Contradiction = { path: (string | number)[]; problem: string };

const MOST_COLUMNS = 4096;
const MOST_PARAMETERS = 50_000_000;

/** All contradictions of a study whose single fields are right; empty when it can be run. */
export function contradictions(study: Study): Contradiction[] {
  return [...schemaProblems(study), ...splitProblems(study), ...modelProblems(study), ...runProblems(study)];
}

const problemAt = (problem: string, ...path: (string | number)[]): Contradiction => ({ path, problem });

function schemaProblems({ schema: { features, target } }: Study): Contradiction[] {
  const found = features.flatMap((feature, i) =>
    featureProblems(feature).map(({ path, problem }) => problemAt(problem, 'schema', 'features', i, ...path)),
  );
  const seen = new Set<string>();
  for (const [i, { name }] of features.entries()) {
    if (seen.has(spelling(name)))
      found.push(problemAt('another feature has this name', 'schema', 'features', i, 'name'));
    seen.add(spelling(name));
  }
  if (seen.has(spelling(target.name))) {
    found.push(problemAt('is also a feature; a model must not be given the answer', 'schema', 'target', 'name'));
  }
  const classes = choiceProblems(target.classes);
  found.push(...classes.map(({ path, problem }) => problemAt(problem, 'schema', 'target', 'classes', ...path)));
  const width = features.reduce((sum, feature) => sum + encodedWidth(feature), 0);
  if (width > MOST_COLUMNS) {
    found.push(problemAt(`become ${width} columns when encoded; at most ${MOST_COLUMNS}`, 'schema', 'features'));
  }
  return found;
}

function featureProblems(feature: Feature): Contradiction[] {
  if (feature.kind === 'category') {
    return choiceProblems(feature.categories).map(({ path, problem }) => problemAt(problem, 'categories', ...path));
  }
  const { range, mean, missing, treatAsMissing = [] } = feature;
  const [low, high] = range;
  if (low >= high) return [problemAt('the first number must be below the second', 'range')];
  const outside = (value: number) => value < low || value > high;
  const found: Contradiction[] = [];
  if (outside(mean)) found.push(problemAt(`must lie within range, ${low} to ${high}`, 'mean'));
  if (outside(missing.value)) {
    found.push(problemAt(`must lie within range, ${low} to ${high}`, 'missing', 'value'));
  }
  if (new Set(treatAsMissing).size < treatAsMissing.length) {
    found.push(problemAt('names a value twice', 'treatAsMissing'));
  }
  return found;
}

function choiceProblems(choices: readonly Choice[]): Contradiction[] {
  const seen = new Set<string>();
  const found: Contradiction[] = [];
  const check = (text: string, ...path: (string | number)[]): void => {
    if (seen.has(spelling(text))) {
      found.push(problemAt('is given twice (case and outer spaces do not count)', ...path));
    }
    seen.add(spelling(text));
  };
  for (const [i, { value, accepts = [] }] of choices.entries()) {
    check(value, i, 'value');
    accepts.forEach((text, j) => check(text, i, 'accepts', j));
  }
  return found;
}

function splitProblems({ split, metrics }: Study): Contradiction[] {
  const found: Contradiction[] = [];
  const sum = split.train + split.validation + split.test;
  if (Math.abs(sum - 1) > 1e-9) {
    found.push(problemAt(`train, validation and test add up to ${sum}; they must add up to 1`, 'split'));
  }
  if (split.train === 0) found.push(problemAt('must be above 0: there would be nothing to train on', 'split', 'train'));
  if (split.test === 0 && metrics.length > 0) {
    found.push(problemAt('must be above 0: metrics are computed on test rows', 'split', 'test'));
  }
  return found;
}

function modelProblems({ model: { layers }, loss, schema }: Study): Contradiction[] {
  const found: Contradiction[] = [];
  const last = layers.length - 1;
  const output = layers[last];
  if (output?.class_name !== 'Dense' || !isLinear(output)) {
    found.push(
      problemAt(
        'the last layer must be Dense and linear: softmax or sigmoid belong to the loss',
        'model',
        'layers',
        last,
      ),
    );
  }
  const classes = schema.target.classes.length;
  if (loss === 'sigmoidCrossEntropy' && classes !== 2) {
    found.push(problemAt(`sigmoidCrossEntropy tells two classes apart; the target has ${classes}`, 'loss'));
  }
  const units = loss === 'sigmoidCrossEntropy' ? 1 : classes;
  if (output?.class_name === 'Dense' && output.config.units !== units) {
    found.push(
      problemAt(`must be ${units} for ${loss} and ${classes} classes`, 'model', 'layers', last, 'config', 'units'),
    );
  }
  const width = schema.features.reduce((sum, feature) => sum + encodedWidth(feature), 0);
  const parameters = parameterCount(parameterLayout(layers, width));
  if (parameters > MOST_PARAMETERS) {
    found.push(problemAt(`make ${parameters} parameters; at most ${MOST_PARAMETERS}`, 'model', 'layers'));
  }
  return found;
}

const isLinear = ({ config }: Layer): boolean => (config.activation ?? 'linear') === 'linear';

function runProblems({ metrics, releases, stop, cohort, deadlines, publication }: Study): Contradiction[] {
  const found: Contradiction[] = [];
  if (new Set(metrics).size < metrics.length) found.push(problemAt('names a metric twice', 'metrics'));
  if (new Set(releases).size < releases.length) found.push(problemAt('names a release twice', 'releases'));
  for (const needed of ['update', 'examples'] as const) {
    if (!releases.includes(needed)) {
      found.push(problemAt(`must name ${needed}: it leaves each round whatever the study says`, 'releases'));
    }
  }
  for (const [i, release] of releases.entries()) {
    if (release === 'update' || release === 'examples' || release === 'loss') continue;
    if (!metrics.includes(release)) {
      found.push(problemAt(`${release} is not evaluated; add it to metrics`, 'releases', i));
    }
  }
  if (stop !== undefined && !releases.includes(stop.metric)) {
    found.push(problemAt(`${stop.metric} does not leave the institutions; add it to releases`, 'stop', 'metric'));
  }
  if (cohort.quorum > cohort.least) {
    found.push(problemAt(`must not exceed cohort.least, ${cohort.least}`, 'cohort', 'quorum'));
  }
  if (publication === 'members' && cohort.least < 2) {
    found.push(problemAt('must not be members where cohort.least is 1: nobody else would be there', 'publication'));
  }
  if (deadlines.approveSeconds > deadlines.sendSeconds) {
    found.push(
      problemAt(`must not exceed deadlines.sendSeconds, ${deadlines.sendSeconds}`, 'deadlines', 'approveSeconds'),
    );
  }
  return found;
}
