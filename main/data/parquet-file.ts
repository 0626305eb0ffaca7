// One Parquet file, opened: its columns, its row groups, and the values of one column in one row group at a time.
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { parquetMetadataAsync, parquetSchema, type AsyncBuffer, type FileMetaData } from 'hyparquet';
import { createSha256 } from '../../platform/crypto.ts';
import { AssentError } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { headerNames, parquetError, shown } from './csv-header.ts';
import { readable } from './formats.ts';
import { pagesOf, type Page } from './parquet-pages.ts';

export type ParquetFile = {
  names: string[];
  /** Whether a column holds one value a row, and not lists or records. */
  flat: boolean[];
  /** Whether a column's numbers are days since 1970-01-01. */
  days: boolean[];
  /** Rows of each row group. */
  groups: number[];
  bytes: number;
  bytesRead(): number;
  /** Gives `each` the pages of a column in a row group, which together have its rows. */
  column(group: number, column: number, each: (page: Page) => void): Promise<void>;
  /** Of the whole file as it is, hex; `before` is called before each piece. */
  sha256(before: () => void): Promise<string>;
  close(): Promise<void>;
};

const CHUNK = 2 ** 20;
const MOST_FOOTER_BYTES = 2 ** 26;

/** Throws PARQUET_INVALID, FILE_UNREADABLE. */
export async function openParquet(path: string): Promise<ParquetFile> {
  const file = basename(path);
  const handle = await readable(path, () => open(path));
  const invalid = (where: string, cause: unknown) =>
    parquetError(
      { file },
      `${where} cannot be read (${shown(cause instanceof Error ? cause.message : String(cause))}).`,
    );
  try {
    const { size } = await handle.stat();
    const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
      if (!(start >= 0 && start <= end && end <= size)) throw new Error(`it names bytes ${start} to ${end} of ${size}`);
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await readable(path, () => handle.read(bytes, 0, bytes.length, start));
      if (bytesRead !== bytes.length) throw new Error('the file is shorter than it says');
      return bytes.buffer;
    };
    const buffer: AsyncBuffer = { byteLength: size, slice };
    const metadata = await attempt(
      async () => {
        const footer = new DataView(await slice(Math.max(0, size - 8), size));
        if (size < 12 || footer.getUint32(0, true) > Math.min(size - 12, MOST_FOOTER_BYTES))
          throw new Error('it is cut off');
        return parquetMetadataAsync(buffer);
      },
      (cause) => invalid('the description of its columns', cause),
    );
    const { names, flat, days, groups } = await attempt(
      async () => describe(file, metadata),
      (cause) => invalid('the description of its columns', cause),
    );
    let bytesRead = 0;
    return {
      names,
      flat,
      days,
      groups,
      bytes: size,
      bytesRead: () => Math.min(bytesRead, size),
      column: (group, column, each) =>
        attempt(
          async () => {
            const { start, end, about } = chunkOf(metadata, group, names[column]!);
            const bytes = await slice(start, end);
            bytesRead += bytes.byteLength;
            for (const page of pagesOf(bytes, about, groups[group]!)) each(page);
          },
          (cause) => invalid(`row group ${group + 1}, column ${column + 1} "${shown(names[column]!)}"`, cause),
        ),
      async sha256(before) {
        const hash = createSha256();
        const piece = new Uint8Array(CHUNK);
        for (let at = 0; ;) {
          before();
          const { bytesRead: length } = await readable(path, () => handle.read(piece, 0, CHUNK, at));
          if (length === 0) return toHex(hash.digest());
          hash.update(piece.subarray(0, length));
          at += length;
        }
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The library throws whatever a damaged file leads it to. */
async function attempt<T>(work: () => Promise<T>, invalid: (cause: unknown) => AssentError): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof AssentError ? cause : invalid(cause);
  }
}

function describe(file: string, metadata: FileMetaData) {
  const { children } = parquetSchema(metadata);
  if (children.length === 0) throw new Error('it has no columns');
  const raw = children.map(({ element }) => element.name);
  const names = headerNames(file, undefined, raw);
  const odd = names.find((name, index) => name !== raw[index]);
  if (odd !== undefined) throw new Error(`the name of column "${odd}" has a space at its ends`);
  const flat = children.map(
    ({ element, children: inner }) => inner.length === 0 && element.repetition_type !== 'REPEATED',
  );
  const groups = metadata.row_groups.map((group) => {
    const rows = Number(group.num_rows);
    if (!(rows >= 0 && rows < 2 ** 31)) throw new Error('a row group has no proper number of rows');
    return rows;
  });
  const days = children.map(
    ({ element }) => element.converted_type === 'DATE' || element.logical_type?.type === 'DATE',
  );
  return { names, flat, days, groups };
}

function chunkOf(metadata: FileMetaData, group: number, name: string) {
  const found = metadata.row_groups[group]!.columns.find(({ meta_data: meta }) => meta?.path_in_schema[0] === name);
  const meta = found?.meta_data;
  if (!meta) throw new Error('it is missing');
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const root = parquetSchema(metadata);
  const leaf = root.children.find(({ element }) => element.name === name)!;
  const about = { name, type: meta.type, codec: meta.codec, element: leaf.element, schemaPath: [root, leaf] };
  return { start, end: start + Number(meta.total_compressed_size), about };
}
