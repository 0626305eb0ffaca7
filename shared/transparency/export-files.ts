// How the verifier reads an export, whatever holds it (a folder, a zip, a page in a browser), and how it names what is wrong.

import { AssentError } from '../errors.ts';
import { concatBytes } from './bytes.ts';

export type ExportFiles = {
  /** Every file below the export's root: path with `/`, size in bytes, or -1 for what is no plain file (link, device). */
  list(): Promise<{ path: string; size: number }[]>;
  read(path: string): Promise<Uint8Array>;
  stream(path: string): AsyncIterable<Uint8Array>;
  /** Looks at what was not read, where the container says more of its files than the log does. */
  finish?(): Promise<void>;
};

/** The sizes of the files by path. */
export type Listing = ReadonlyMap<string, number>;

/** A file's path, or the index of a record. */
export type Place = string | number;

export function fault(place: Place, message: string): AssentError {
  const where = typeof place === 'number' ? `record ${place}` : place;
  const index = typeof place === 'number' ? { index: `${place}` } : {};
  return new AssentError('EXPORT_INVALID', `${where}: ${message}`, { where, message, ...index });
}

/** Runs a strict parser over the content of `place`, so that its refusal names the record or file. */
export function readingFrom<T>(place: Place, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AssentError && error.code !== 'EXPORT_INVALID') throw fault(place, error.message);
    throw error;
  }
}

/** The bytes of a file that must exist and hold at most `limit` bytes. */
export async function readFile(files: ExportFiles, listing: Listing, path: string, limit: number): Promise<Uint8Array> {
  const size = listing.get(path);
  if (size === undefined) throw fault(path, 'is missing from the export.');
  if (size > limit) throw fault(path, `is longer than the ${limit} bytes that it may have.`);
  return await files.read(path);
}

/** A line without its line feed; `problem` ends the reading. */
export type Line = { bytes: Uint8Array; problem: 'too long' | 'no line feed' | null };

/** The lines of a file, one at a time, with memory for one chunk and one line of at most `limit` bytes. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Line> {
  let rest = new Uint8Array(0);
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      let bytes = chunk.subarray(start, end);
      if (rest.length > 0) {
        bytes = concatBytes(rest, bytes);
        rest = new Uint8Array(0);
      }
      if (bytes.length > limit) {
        yield { bytes, problem: 'too long' };
        return;
      }
      yield { bytes, problem: null };
      start = end + 1;
    }
    rest = concatBytes(rest, chunk.subarray(start));
    if (rest.length > limit) {
      yield { bytes: rest, problem: 'too long' };
      return;
    }
  }
  if (rest.length > 0) yield { bytes: rest, problem: 'no line feed' };
}
