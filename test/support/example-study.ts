// The study of examples/heart-disease, and copies of it with one field changed.
import { readFileSync } from 'node:fs';
import { readStudy } from '../../shared/study/study.ts';
import type { Study } from '../../shared/study/study.ts';

const text = readFileSync(new URL('../../examples/heart-disease/study.json', import.meta.url), 'utf8');

export const exampleStudy = (): Study => readStudy(text);

/** The example as plain JSON with the value at `path` replaced, e.g. ('model.layers.0.config.units', 2); undefined removes. */
export function changedStudy(...changes: readonly [path: string, value: unknown][]): unknown {
  const study: unknown = JSON.parse(text);
  for (const [path, value] of changes) {
    const keys = path.split('.');
    const last = keys.pop()!;
    const holder = keys.reduce((inner, key) => inner[key] as Record<string, unknown>, study as Record<string, unknown>);
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  }
  return study;
}
