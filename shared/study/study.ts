// The study file that a scientist writes, and the only ways in: nothing else in Assent reads one.
import { z } from 'zod';
import { AssentError } from '../errors.ts';
import { encodeCanonical } from '../wire/canonical.ts';
import { contradictions } from './contradictions.ts';
import { readJson } from './json-text.ts';
import { describeIssue, pathText } from './problems.ts';
import { studySchema, SUPPORTED_SCHEMA_VERSIONS } from './schema.ts';
import type { Study } from './schema.ts';

export type { Choice, Feature, NumberFeature, Study, Target } from './schema.ts';

const MOST_BYTES = 1024 * 1024;
const MOST_PROBLEMS = 50;

/**
 * The text of a study file as a study. Throws STUDY_INVALID with line and column where the text is not JSON, with every
 * problem's path where the fields are wrong, and VERSION_UNSUPPORTED where this program does not know its schemaVersion.
 */
export function readStudy(text: string): Study {
  if (text.length > MOST_BYTES) {
    throw new AssentError('STUDY_INVALID', `The study file is larger than ${MOST_BYTES} characters; make it smaller.`);
  }
  return parseStudy(readJson(text));
}

/** A value that came from JSON as a study; throws as `readStudy` does. */
export function parseStudy(value: unknown): Study {
  const version = (value as { schemaVersion?: unknown } | null | undefined)?.schemaVersion;
  if (typeof version === 'number' && !SUPPORTED_SCHEMA_VERSIONS.includes(version)) {
    const known = SUPPORTED_SCHEMA_VERSIONS.join(', ');
    throw new AssentError(
      'VERSION_UNSUPPORTED',
      `The study has schemaVersion ${version}; this program reads ${known}. Update the program or use another version.`,
      { version: String(version), supported: known },
    );
  }
  const parsed = studySchema.safeParse(value, { reportInput: true });
  if (!parsed.success) throw invalid(parsed.error.issues.flatMap(describeIssue));
  const found = contradictions(parsed.data).map(({ path, problem }) => `${pathText(path)}: ${problem}`);
  if (found.length > 0) throw invalid(found);
  return parsed.data;
}

/** The bytes that identify a study: canonical JSON (RFC 8785) of a parsed one. Its hash names it everywhere. */
export function studyBytes(study: Study): Uint8Array {
  return encodeCanonical(study);
}

/** JSON Schema (draft 2020-12) of the study file, for editors. Contradictions between fields are beyond it. */
export function studyJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(studySchema), title: 'Assent study' };
}

function invalid(problems: string[]): AssentError {
  const shown = [...new Set(problems)];
  const more = shown.length > MOST_PROBLEMS ? `\n... and ${shown.length - MOST_PROBLEMS} more` : '';
  const listed = shown.slice(0, MOST_PROBLEMS);
  return new AssentError('STUDY_INVALID', `The study is not valid.\n${listed.join('\n')}${more}`, {
    problems: listed.join('\n'),
  });
}
