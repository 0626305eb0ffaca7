// Results of a study as files: the latest model, the metrics of each round, and who took part. Also the export of the log.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssentError } from '../shared/errors.ts';
import { outcomeRecord } from '../shared/records/round.ts';
import { formsOf } from '../shared/study/forms.ts';
import type { Conductor } from './conductor.ts';
import { declaredMetrics } from './metrics.ts';
import { closedRounds, resultOf } from './status.ts';
import type { Store } from './store/open.ts';

/** Writes model.safetensors, metrics.csv and participants.csv; returns their paths. Throws STUDY_UNKNOWN, STUDY_STATE. */
export async function writeResults(
  { store, conductor }: { store: Store; conductor: Conductor },
  id: string,
  folder: string,
): Promise<string[]> {
  const { study, state } = conductor.get(id);
  const names = declaredMetrics(study);
  const rounds = closedRounds(store, id);
  const size = formsOf(study).model.size;
  const results = rounds.map((row) => resultOf(row, store, id, size));
  if (!results.some(({ result }) => result === 'aggregated'))
    throw new AssentError(
      'STUDY_STATE',
      `No round of ${id} was aggregated yet: its only model is the first one, which nobody has trained. See: assent-coordinator status`,
    );
  const metrics = [
    ['round', 'attempt', 'result', 'participants', ...names, 'bytes_up', 'bytes_down', 'seconds', 'reason', 'model'],
    ...results.map((r) => [
      r.round,
      r.attempt,
      r.result,
      r.participants.length,
      ...names.map((name) => r.metrics[name] ?? ''),
      r.bytesUp,
      r.bytesDown,
      r.seconds,
      r.reason,
      r.model,
    ]),
  ];
  const participants = [
    ['round', 'attempt', 'member', 'examples', 'update', 'statement'],
    ...rounds.flatMap((row) =>
      outcomeRecord
        .decode(row.outcome)
        .participants.map(({ member, weight, blob, statement }) => [
          row.round,
          row.attempt,
          member,
          weight,
          blob,
          statement,
        ]),
    ),
  ];
  const files: [string, string | AsyncIterable<Uint8Array>][] = [
    ['model.safetensors', store.models.stream(state.model, 0, size)],
    ['metrics.csv', csv(metrics)],
    ['participants.csv', csv(participants)],
  ];
  try {
    await mkdir(folder, { recursive: true });
    return await Promise.all(files.map(async ([name, content]) => written(join(folder, name), content)));
  } catch (cause) {
    throw new AssentError(
      'FILE_UNREADABLE',
      `The results cannot be written to ${folder}: ${(cause as Error).message}`,
      { folder },
      cause,
    );
  }
}

async function written(path: string, content: string | AsyncIterable<Uint8Array>): Promise<string> {
  await writeFile(`${path}.new`, content, { flush: true });
  await rename(`${path}.new`, path);
  return path;
}

const csv = (rows: readonly (readonly (string | number | bigint)[])[]): string =>
  rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');

/** Quoted where need be; a leading mark that a spreadsheet would take for a formula is disarmed. */
function cell(value: string | number | bigint): string {
  if (typeof value !== 'string') return String(value);
  const safe = /^[=+@\t\r]|^-(?![\d.])/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
