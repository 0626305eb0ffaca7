// The zip of evidence has one exact form: whatever else a zip can be, is refused with the file it is about.
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../../shared/transparency/bytes.ts';
import { crc32 } from '../../../shared/transparency/crc32.ts';
import { centralHeader, localHeader, zipEnd, type ZipEntry } from '../../../shared/transparency/zip-format.ts';
import { zipFiles } from '../../../shared/transparency/zip-read.ts';
import { encodeUtf8 } from '../../../shared/wire/canonical.ts';
import { bytesSource, unzipped, zipped } from '../../support/evidence.ts';

const files: [string, Uint8Array][] = [
  ['a.txt', encodeUtf8('first')],
  ['tile/0/x001/234.p/7', new Uint8Array(300).fill(7)],
  ['empty', new Uint8Array(0)],
];
const zip = zipped(files);

const refused = async (bytes: Uint8Array, words: string) => {
  const reader = zipFiles(bytesSource(bytes));
  const all = async () => {
    await reader.list();
    await reader.finish!();
  };
  await expect(all()).rejects.toMatchObject({
    code: 'EXPORT_INVALID',
    message: expect.stringContaining(words) as string,
  });
};

/** A zip whose directory says what `change` makes of its entries; the bytes before it are as they were. */
function directed(change: (entries: ZipEntry[]) => Uint8Array[]): Uint8Array {
  const entries: ZipEntry[] = [];
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [path, bytes] of files) {
    const entry = { path, size: bytes.length, crc: crc32(bytes), offset };
    const header = localHeader(entry);
    entries.push(entry);
    parts.push(header, bytes);
    offset += header.length + bytes.length;
  }
  const headers = change(entries);
  const directory = concatBytes(...headers);
  return concatBytes(...parts, directory, zipEnd(headers.length, offset, directory.length));
}

/** One field of the second file's line in the directory. */
const marked = (at: number, value: number) =>
  directed((entries) => {
    const headers = entries.map(centralHeader);
    new DataView(headers[1]!.buffer).setUint16(at, value, true);
    return headers;
  });

test('the files of a zip are those that were put in', async () => {
  expect(await unzipped(zip)).toEqual(new Map(files));
  expect(directed((entries) => entries.map(centralHeader))).toEqual(zip);
});

test('the checksum of "123456789" is the published one, in one piece or in several', () => {
  expect(crc32(encodeUtf8('123456789')).toString(16)).toBe('cbf43926');
  expect(crc32(encodeUtf8('6789'), crc32(encodeUtf8('12345'))).toString(16)).toBe('cbf43926');
});

describe('a tampered zip', () => {
  test('with any byte changed is refused', async () => {
    for (let at = 0; at < zip.length; at++) {
      const changed = Uint8Array.from(zip);
      changed[at]! ^= 1 << (at % 8);
      await refused(changed, '');
    }
  });

  test('cut short anywhere is refused', async () => {
    for (let length = 0; length < zip.length; length += 7) await refused(zip.subarray(0, length), '');
  });

  test('with a comment is refused', async () => {
    const commented = concatBytes(zip, encodeUtf8('hello'));
    new DataView(commented.buffer).setUint16(zip.length - 2, 5, true);
    await refused(commented, 'without a comment');
  });

  test('with bytes before, behind or between is refused', async () => {
    await refused(concatBytes(encodeUtf8('#!'), zip), 'was added');
    await refused(concatBytes(zip, Uint8Array.of(0)), 'comment');
    const gap = directed(([first, second, third]) =>
      [first!, { ...second!, offset: second!.offset + 1 }, third!].map(centralHeader),
    );
    await refused(gap, 'tile/0/x001/234.p/7');
  });

  test('with a file twice is refused, also in other letters', async () => {
    await refused(zipped([...files, ['a.txt', encodeUtf8('second')]]), 'a.txt: is in the zip twice');
    await refused(zipped([...files, ['A.TXT', encodeUtf8('second')]]), 'A.TXT: is in the zip twice');
  });

  test.each(['../a', '/a', 'a/../../b', 'a\\b', 'C:a', './a', 'a//b', '.hidden', 'a/', 'a\u202eb', 'a b', 'ä', ''])(
    'with the path %j, which may lead elsewhere, is refused',
    async (path) => refused(zipped([...files, [path, encodeUtf8('x')]]), 'path that is not safe'),
  );

  test('with a packed file, a bomb, is refused before it is unpacked', async () => {
    const bomb = deflateRawSync(new Uint8Array(10_000_000));
    const entry = { path: 'entries.jsonl', size: bomb.length, crc: crc32(bomb), offset: 0 };
    const [local, central] = [localHeader(entry), centralHeader(entry)];
    new DataView(local.buffer).setUint16(8, 8, true);
    new DataView(central.buffer).setUint16(10, 8, true);
    new DataView(central.buffer).setUint32(24, 10_000_000, true);
    const bytes = concatBytes(local, bomb, central, zipEnd(1, local.length + bomb.length, central.length));
    await refused(bytes, 'entries.jsonl: is packed');
  });

  test('whose files overlap is refused', async () => {
    const twice = directed(([first, second]) => [first!, { ...second!, offset: first!.offset }].map(centralHeader));
    await refused(twice, 'it overlaps');
  });

  test('with a wrong checksum is refused', async () => {
    const [first] = files;
    const entry = { path: 'a.txt', size: 5, crc: 1234, offset: 0 };
    const [local, central] = [localHeader(entry), centralHeader(entry)];
    const bytes = concatBytes(local, first![1], central, zipEnd(1, local.length + 5, central.length));
    await refused(bytes, 'a.txt: does not have the checksum');
  });

  test.each([
    ['encrypted', 8, 0x0801],
    ['with sizes behind its bytes', 8, 0x0808],
    ['a link', 40, 0xa1ff],
    ['on another disk', 34, 1],
  ])('with a file that is said to be %s is refused', async (_, at, value) =>
    refused(marked(at, value), 'tile/0/x001/234.p/7'),
  );

  test('with more files said than there are, or fewer, is refused', async () => {
    for (const count of [2, 4, 1_000_000]) {
      const changed = directed((entries) => entries.map(centralHeader));
      new DataView(changed.buffer).setUint16(changed.length - 12, Math.min(count, 0xffff), true);
      new DataView(changed.buffer).setUint16(changed.length - 14, Math.min(count, 0xffff), true);
      await refused(changed, '');
    }
  });
});

describe('a large zip', () => {
  test('of more than 65,535 files is read', async () => {
    const many = Array.from({ length: 66_000 }, (_, i): [string, Uint8Array] => [`f${i}`, Uint8Array.of(i & 255)]);
    expect((await zipFiles(bytesSource(zipped(many))).list()).length).toBe(66_000);
  });

  test('of more than 4 GiB is read, with memory for its directory alone', async () => {
    const size = 5 * 2 ** 30;
    const first = { path: 'entries.jsonl', size, crc: 0, offset: 0 };
    const second = { path: 'range', size: 1, crc: crc32(Uint8Array.of(9)), offset: localHeader(first).length + size };
    const start = second.offset + localHeader(second).length + 1;
    const directory = concatBytes(centralHeader(first), centralHeader(second));
    const tail = concatBytes(localHeader(second), Uint8Array.of(9), directory, zipEnd(2, start, directory.length));
    const reader = zipFiles({
      size: second.offset + tail.length,
      read: (from, to) => Promise.resolve(tail.subarray(from - second.offset, to - second.offset)),
    });
    expect(await reader.list()).toEqual([
      { path: 'entries.jsonl', size },
      { path: 'range', size: 1 },
    ]);
    expect(await reader.read('range')).toEqual(Uint8Array.of(9));
  });
});
