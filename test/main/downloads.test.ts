import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { described, openDownloads } from '../../main/downloads.ts';
import { openNode } from '../../main/node.ts';
import { ExportFormat } from '../../shared/gen/assent/v1/node_pb.ts';
import { sha256 } from '../../platform/crypto.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { PASSPHRASE } from '../support/institution.ts';
import { leastSquares } from '../support/least-squares-trainer.ts';
import { callsWithin, EASY_RULES, makePeople } from '../support/people.ts';
import { refusalOf } from '../support/signing-member.ts';
import { temporaryFolder } from '../support/temporary.ts';

const filesIn = (home: string) => (existsSync(join(home, 'downloads')) ? readdirSync(join(home, 'downloads')) : []);

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const piece of pieces) read.push(piece);
  return Buffer.concat(read);
}

test('a file is read once, by whoever made it, and is gone then', async () => {
  const home = temporaryFolder();
  const downloads = openDownloads(home);
  const path = downloads.place('log.csv');
  const content = Buffer.alloc(600_000, 'x');
  writeFileSync(path, content);
  expect(statSync(dirname(path)).mode & 0o077).toBe(0);
  expect(await described(path)).toEqual({ name: 'log.csv', bytes: 600_000, sha256: toHex(sha256(content)) });
  const [id] = downloads.keep([path], 'p-1');
  expect(await refusalOf(all(downloads.read(id!, 'p-2')))).toBe('DOWNLOAD_UNKNOWN');
  downloads.discard([id!], 'p-2');
  expect((await all(downloads.read(id!, 'p-1'))).equals(content)).toBe(true);
  expect(await refusalOf(all(downloads.read(id!, 'p-1')))).toBe('DOWNLOAD_UNKNOWN');
  expect(filesIn(home)).toEqual([]);
});

test('a name of a download is never a path', async () => {
  const home = temporaryFolder();
  const downloads = openDownloads(home);
  writeFileSync(join(home, 'secret'), 'x');
  const path = downloads.place('log.csv');
  writeFileSync(path, 'x');
  downloads.keep([path], 'p-1');
  for (const id of ['', '.', '..', '../secret', path, 'log.csv', '__proto__', `${dirname(path)}/../../secret`]) {
    expect([id, await refusalOf(all(downloads.read(id, 'p-1')))]).toEqual([id, 'DOWNLOAD_UNKNOWN']);
    downloads.discard([id], 'p-1');
  }
  expect([existsSync(path), existsSync(join(home, 'secret'))]).toEqual([true, true]);
});

test('volumes stay until the last was fetched; no file outlives the node, even one that was killed', async () => {
  const home = temporaryFolder();
  mkdirSync(join(home, 'downloads/left'), { recursive: true });
  writeFileSync(join(home, 'downloads/left/log.csv'), 'x');
  const downloads = openDownloads(home);
  expect(filesIn(home)).toEqual([]);
  const first = downloads.place('log-1-of-2.pdf');
  const second = join(dirname(first), 'log-2-of-2.pdf');
  for (const path of [first, second]) writeFileSync(path, path);
  const [one, two] = downloads.keep([first, second], 'p-1');
  await all(downloads.read(one!, 'p-1'));
  expect([existsSync(first), existsSync(second)]).toEqual([false, true]);
  downloads.discard([two!], 'p-1');
  expect(filesIn(home)).toEqual([]);
  const third = downloads.place('log.csv');
  writeFileSync(third, 'x');
  downloads.keep([third], 'p-1');
  downloads.close();
  expect(filesIn(home)).toEqual([]);
});

test('an export without a path is fetched by whoever made it, once, and names no file of the machine', async () => {
  const home = temporaryFolder();
  const node = await openNode({ home, passphrase: PASSPHRASE, openProblem: leastSquares });
  onTestFinished(() => node.close());
  await makePeople(node, EASY_RULES, ['ada', 'eve', 'sam', 'otto']);
  const calls = callsWithin(node);
  const otto = calls.as('otto');
  const exportIt = async (format: ExportFormat) => {
    for await (const { kind } of otto.exportAuditLog({ format })) if (kind.case === 'exported') return kind.value;
    throw new Error('It did not end.');
  };
  const fetched = async (download: string, from = otto) => {
    const read: Uint8Array[] = [];
    for await (const { content } of from.fetchExport({ download })) read.push(content);
    return Buffer.concat(read);
  };
  const { files, written } = await exportIt(ExportFormat.CSV);
  const [file] = written;
  expect(files).toEqual([file!.name]);
  expect(file!.name).toMatch(/^assent-\d{4}-\d{2}-\d{2}-log\.csv$/);
  expect(await refusalOf(fetched(file!.download, calls.as('ada')))).toBe('DOWNLOAD_UNKNOWN');
  expect(await refusalOf(fetched(file!.download, calls.as('sam')))).toBe('ROLE_MISSING');
  const content = await fetched(file!.download);
  expect([BigInt(content.length), toHex(sha256(content))]).toEqual([file!.bytes, file!.sha256]);
  expect(await refusalOf(fetched(file!.download))).toBe('DOWNLOAD_UNKNOWN');
  for (const download of ['../rows.csv', '/etc/passwd', join(home, 'store.sqlite'), ''])
    expect([download, await refusalOf(fetched(download))]).toEqual([download, 'REQUEST_INVALID']);

  expect(await refusalOf(exportIt(ExportFormat.FOLDER))).toBe('REQUEST_INVALID');
  const other = await exportIt(ExportFormat.EVIDENCE);
  const downloads = other.written.map(({ download }) => download);
  await calls.as('ada').discardExports({ downloads });
  expect(filesIn(home)).toHaveLength(1);
  await otto.discardExports({ downloads });
  expect(filesIn(home)).toEqual([]);

  // What is left before its end leaves nothing.
  const stop = new AbortController();
  stop.abort();
  const aborted = otto.exportAuditLog({ format: ExportFormat.PDF }, { signal: stop.signal });
  await expect(aborted[Symbol.asyncIterator]().next()).rejects.toThrow(/abort|cancel/i);
  expect(filesIn(home)).toEqual([]);
});
