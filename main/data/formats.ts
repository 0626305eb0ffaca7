// Which kind of file a file is, by its first bytes, whatever its name says.
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { AssentError } from '../../shared/errors.ts';

export type Format = 'csv' | 'parquet';

/** How much of a file's beginning its settings are detected from. */
const SAMPLE = 256 * 1024;

const EXCEL =
  'is an Excel workbook, which is not read here. In Excel choose File, Save As, "CSV UTF-8 (Comma delimited) (*.csv)" (in LibreOffice: Save As, "Text CSV", character set UTF-8), one sheet a file, and import that file.';
const PACKED = 'Unpack it, and import the file that is in it.';

/** The beginning of the file, and its kind. Throws FILE_FORMAT with what to do instead, FILE_UNREADABLE. */
export async function recognise(path: string): Promise<{ format: Format; sample: Buffer; whole: boolean }> {
  const { sample, whole } = await readable(path, async () => {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.max(1, Math.min(size, SAMPLE))));
      return { sample: buffer.subarray(0, bytesRead), whole: bytesRead === size };
    } finally {
      await file.close();
    }
  });
  const refused = refusal(sample);
  if (refused !== undefined) {
    const file = basename(path);
    throw new AssentError('FILE_FORMAT', `${file} ${refused}`, { file });
  }
  return { format: sample.toString('latin1', 0, 4) === 'PAR1' ? 'parquet' : 'csv', sample, whole };
}

function refusal(sample: Buffer): string | undefined {
  const begins = (...bytes: number[]) => bytes.every((byte, index) => sample[index] === byte);
  if (begins(0x50, 0x4b, 3, 4)) {
    if (sample.includes('xl/') || sample.includes('[Content_Types].xml')) return EXCEL;
    return `is a ZIP archive. ${PACKED}`;
  }
  if (begins(0xd0, 0xcf, 0x11, 0xe0)) return EXCEL;
  if (begins(0x1f, 0x8b)) return `is packed by gzip. ${PACKED}`;
  if (begins(0x28, 0xb5, 0x2f, 0xfd)) return `is packed by Zstandard. ${PACKED}`;
  if (begins(0x42, 0x5a, 0x68)) return `is packed by bzip2. ${PACKED}`;
  return undefined;
}

/** What the operating system refuses, as FILE_UNREADABLE. */
export async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AssentError('FILE_UNREADABLE', `${path} cannot be read (${reason}).`, { path, reason }, cause);
  }
}
