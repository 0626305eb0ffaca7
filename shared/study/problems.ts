// Says in one line what is wrong with a field and where: `model.layers[1].config.units: must be ...`.
import type { z } from 'zod';

type Path = readonly PropertyKey[];

/** `['model', 'layers', 1]` as `model.layers[1]`. */
export function pathText(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += /^[\w$]+$/.test(String(key)) ? `${text && '.'}${String(key)}` : `[${quoted(key)}]`;
  }
  return text === '' ? '(the study)' : text;
}

/** One line a problem; an issue about several unknown fields is several. */
export function describeIssue(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${pathText([...issue.path, key])}: unknown field`);
  }
  return [`${pathText(issue.path)}: ${issue.message}`];
}

function quoted(key: PropertyKey): string {
  const text = String(key);
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}
