// A CSV file read twice: first what its columns are, then its rows as float32 numbers, group by group.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createSha256 } from '../../platform/crypto.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { typedBy, valueEncoder } from './csv-fields.ts';
import { csvError } from './csv-header.ts';
import { csvReader, type CsvSink } from './csv.ts';
import { readable } from './formats.ts';
import { groupBuffer } from './group-buffer.ts';
import { changed, refuseCancelled, type EachGroup, type ReadOptions, type Scan, type Source } from './reading.ts';
import type { CsvSettings } from './settings.ts';

const CHUNK = 256 * 1024; // about 5 ms of reading between turns of the event loop

export function csvSource(path: string, settings: CsvSettings): Source {
  return {
    format: 'csv',
    scan: (options) => scanCsv(path, settings, options),
    groups: (scan, options, each) => readGroups(path, settings, scan, options, each),
  };
}

async function scanCsv(path: string, settings: CsvSettings, options: ReadOptions): Promise<Scan> {
  const file = basename(path);
  const typing = typedBy(file, settings, options.roles);
  const read = await readThrough(path, settings, 1, options, typing.rows, typing.sink);
  if (typing.rows() === 0) throw csvError({ file }, 'the file has a header but no rows.');
  return { file, columns: typing.finish(), rows: typing.rows(), ...read };
}

async function readGroups(
  path: string,
  settings: CsvSettings,
  scan: Scan,
  options: ReadOptions,
  each: EachGroup,
): Promise<void> {
  const { file } = scan;
  const encoders = scan.columns.flatMap((column, index) => {
    const encode = valueEncoder(column, index, settings);
    return encode ? [encode] : [];
  });
  const { identify, roles } = options;
  const identifier = scan.columns.findIndex(({ name }) => name === roles?.identifier);
  const buffer = groupBuffer(scan.columns, each);
  const { width, values } = buffer;
  let total = 0;
  try {
    const read = await readThrough(path, settings, 2, options, () => total, {
      header(names) {
        if (names.length !== scan.columns.length) throw changed(file);
      },
      row(row) {
        const place = buffer.row();
        for (let slot = 0; slot < width; slot++) {
          const number = encoders[slot]!(row);
          if (number === undefined) throw changed(file);
          values[place + slot] = number;
        }
        identify?.(row.text(identifier));
        total += 1;
      },
    });
    if (read.sha256 !== scan.sha256) throw changed(file);
    buffer.flush();
  } finally {
    buffer.erase();
  }
}

async function readThrough(
  path: string,
  settings: CsvSettings,
  pass: 1 | 2,
  { progress, signal }: ReadOptions,
  rows: () => number,
  sink: CsvSink,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createSha256();
  const reader = csvReader(basename(path), settings, sink);
  let bytes = 0;
  const totalBytes = await readable(path, async () => (await stat(path)).size);
  const chunks = createReadStream(path, { highWaterMark: CHUNK })[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      refuseCancelled(basename(path), signal);
      const next = await readable(path, () => chunks.next());
      if (next.done) break;
      hash.update(next.value);
      reader.write(next.value);
      bytes += next.value.length;
      progress?.({ pass, bytes, totalBytes, rows: rows() });
    }
    reader.end();
  } finally {
    await chunks.return?.();
  }
  return { bytes, sha256: toHex(hash.digest()) };
}
