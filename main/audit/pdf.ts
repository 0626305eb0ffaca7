// The log as PDF/A-2b, in volumes: a document is set as a whole, so that its length is what bounds the memory it takes.
import { Worker } from 'node:worker_threads';
import { AssentError } from '../../shared/errors.ts';
import type { Volume, VolumeRow } from './pdf-document.ts';
import type { Row } from './rows.ts';
import type { View } from './view.ts';

/** A volume is full with so many records, or so many characters: about 90 pages. */
export const VOLUME_RECORDS = 1_000;
const VOLUME_CHARACTERS = 200_000;
/**
 * More than the worst volume takes: beyond it the export fails, and the node does not. The young generation is kept small,
 * because V8 would give it more than a whole volume needs.
 */
const MEMORY = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 };

/** The rows of one volume after another; an empty view has one volume too. */
async function* volumesOf(rows: AsyncIterable<Row[]>): AsyncGenerator<VolumeRow[]> {
  let held: VolumeRow[] = [];
  let characters = 0;
  let empty = true;
  for await (const page of rows)
    for (const { index, leaf, at, kind, actors, sentence } of page) {
      if (held.length === VOLUME_RECORDS || (held.length > 0 && characters + sentence.length > VOLUME_CHARACTERS)) {
        yield held;
        [held, characters, empty] = [[], 0, false];
      }
      held.push({ index, leaf, at, kind, actors, sentence });
      characters += sentence.length;
    }
  if (held.length > 0 || empty) yield held;
}

/** How many volumes these rows take. */
export async function countVolumes(rows: AsyncIterable<Row[]>): Promise<number> {
  let count = 0;
  for await (const _ of volumesOf(rows)) count++;
  return count;
}

/** The volumes one after another. Throws CANCELED, EXPORT_FAILED. */
export async function* pdfVolumes(
  view: View,
  volumes: number,
  signal: AbortSignal,
  workerUrl: URL = new URL('./pdf-worker.ts', import.meta.url),
): AsyncGenerator<Uint8Array> {
  const { words: _words, rows, ...said } = view;
  const worker = new Worker(workerUrl, { name: 'pdf', resourceLimits: MEMORY });
  try {
    let number = 0;
    for await (const held of volumesOf(rows))
      yield await set(worker, { ...said, rows: held, number: ++number, volumes }, signal);
  } finally {
    await worker.terminate();
  }
}

function set(worker: Worker, volume: Volume, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const failed = (why: string, cause?: unknown) =>
      end(() => reject(new AssentError('EXPORT_FAILED', `The PDF could not be made: ${why}`, {}, cause)));
    const listeners = {
      message: (bytes: Uint8Array) => end(() => resolve(bytes)),
      error: (cause: unknown) => failed(cause instanceof Error ? cause.message : String(cause), cause),
      exit: (code: number) => failed(`its thread ended with code ${code}`),
    };
    const canceled = () => end(() => reject(new AssentError('CANCELED', 'The export was cancelled.')));
    const end = (settle: () => void) => {
      for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener as () => void);
      signal.removeEventListener('abort', canceled);
      settle();
    };
    for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener as () => void);
    signal.addEventListener('abort', canceled, { once: true });
    if (signal.aborted) canceled();
    else worker.postMessage(volume);
  });
}
