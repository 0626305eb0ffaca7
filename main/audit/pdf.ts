// The log as PDF/A-2b, in volumes: a document is set as a whole, so that its length is what bounds the memory it takes.
import { Worker } from 'node:worker_threads';
import { AssentError } from '../../shared/errors.ts';
import type { Volume } from './pdf-document.ts';
import type { View } from './view.ts';

/** About 90 pages, and 200 MB while one is set. */
export const VOLUME_RECORDS = 1_000;
/** Far above what a volume takes; beyond it the export fails, and the node does not. */
const MOST_MEMORY_MB = 2_048;

export const volumesOf = (count: number): number => Math.max(1, Math.ceil(count / VOLUME_RECORDS));

/** The volumes one after another. Throws CANCELED, EXPORT_FAILED. */
export async function* pdfVolumes(
  view: View,
  volumes: number,
  signal: AbortSignal,
  workerUrl: URL = new URL('./pdf-worker.ts', import.meta.url),
): AsyncGenerator<Uint8Array> {
  const { words: _words, rows, ...said } = view;
  const worker = new Worker(workerUrl, {
    name: 'pdf',
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  let number = 0;
  let held: Volume['rows'] = [];
  const next = () => {
    const rows = held;
    held = [];
    return set(worker, { ...said, rows, number: ++number, volumes }, signal);
  };
  try {
    for await (const page of rows)
      for (const { index, leaf, at, kind, actors, sentence } of page) {
        held.push({ index, leaf, at, kind, actors, sentence });
        if (held.length === VOLUME_RECORDS) yield await next();
      }
    if (held.length > 0 || number === 0) yield await next();
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
