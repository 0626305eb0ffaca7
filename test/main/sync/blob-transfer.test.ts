import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blobTransfer } from '../../../main/sync/blob-transfer.ts';
import { fetchBlob } from '../../../main/sync/fetch-blob.ts';
import { calling, coordinatorClient } from '../../../main/sync/client.ts';
import type { Outbound } from '../../../main/sync/outbound.ts';
import { openBlobFiles } from '../../../platform/blob-files.ts';
import { sha256 } from '../../../platform/crypto.ts';
import { AssentError } from '../../../shared/errors.ts';
import { toHex } from '../../../shared/wire/canonical.ts';
import { layLine } from '../../support/cutting-line.ts';
import { handClock } from '../../support/hand-clock.ts';
import { eventually } from '../../support/live-consortium.ts';
import { openConsortium, startedStudy, tinyStudy } from '../../support/open-consortium.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const forever = new AbortController().signal;
const MIB = 1024 * 1024;
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof AssentError ? error.code : error),
  );

/** A study whose models and updates have about 6 MiB, a member that has approved its round, and a line that can be cut. */
async function wideRound() {
  const layers = [600, 2400, 1].map((units) => ({ class_name: 'Dense', config: { units } }));
  const consortium = await openConsortium();
  const [alpha, beta] = await startedStudy(consortium, tinyStudy(['model.layers', layers]), ['alpha', 'beta']);
  const announced = await alpha!.plan();
  const line = await layLine(Number(new URL(consortium.server.url).port));
  const asked: string[] = [];
  const send: Outbound = async (url, init) => {
    const { range, 'upload-offset': offset } = (init.headers ?? {}) as Record<string, string>;
    asked.push([init.method, offset ?? range].filter((part) => part !== undefined).join(' '));
    try {
      return await alpha!.request(url, init as RequestInit);
    } catch (cause) {
      throw new AssentError('COORDINATOR_UNREACHABLE', 'no answer', {}, cause);
    }
  };
  const { plan } = announced;
  const client = coordinatorClient(`http://127.0.0.1:${line.port}`, send);
  const blobs = openBlobFiles(temporaryFolder());
  const bytes = Uint8Array.from({ length: plan.update.bytes }, (_, i) => (i * 7 + (i >> 8)) & 255);
  const there = consortium.coordinator.store.updates('alpha');
  return { consortium, alpha: alpha!, beta: beta!, announced, plan, line, client, blobs, bytes, there, asked };
}

describe('an upload', () => {
  it('goes on where a cut left it', async () => {
    const { alpha, announced, line, client, blobs, bytes, there, asked } = await wideRound();
    await alpha.decide(announced);
    const hash = await blobs.put(bytes);
    for (const at of [2 * MIB, 2 * MIB]) {
      const cut = line.cutAfter('up', at);
      expect(await codeOf(client.upload(hash, blobs, forever))).toBe('COORDINATOR_UNREACHABLE');
      await cut;
      await eventually(async () => (await there.uploaded(hash)) > 0);
    }
    const reached: number[] = [];
    await client.upload(hash, blobs, forever, (offset) => reached.push(offset));
    expect(reached[0]).toBeGreaterThan(0); // a reset loses what the receiving system had not handed over yet
    expect(toHex(sha256(await there.read(hash)))).toBe(hash);
    expect(asked.at(-1)).toBe(`PATCH ${reached[0]}`);
    // Once whole, nothing is sent again.
    await client.upload(hash, blobs, forever);
    expect(asked.at(-1)).toBe('HEAD');
  });

  it('starts over, once, when the half that was there turns out to be spoiled', async () => {
    const { alpha, announced, client, blobs, bytes, there, consortium, asked } = await wideRound();
    await alpha.decide(announced);
    const hash = await blobs.put(bytes);
    writeFileSync(join(consortium.home, 'updates', 'alpha', `${hash}.part`), new Uint8Array(5 * MIB));
    await client.upload(hash, blobs, forever);
    expect(toHex(sha256(await there.read(hash)))).toBe(hash);
    expect(asked.filter((each) => each.startsWith('PATCH'))).toEqual([`PATCH ${5 * MIB}`, 'PATCH 0', 'PATCH 0']);
  });

  it('of other bytes than the name says is refused for good', async () => {
    const { alpha, announced, client, bytes } = await wideRound();
    await alpha.decide(announced);
    const folder = temporaryFolder();
    const hash = toHex(sha256(bytes));
    writeFileSync(join(folder, hash), bytes.with(17, 0));
    expect(await codeOf(client.upload(hash, openBlobFiles(folder), forever))).toBe('BLOB_HASH');
  });

  it('that is not wanted is refused before its bytes leave', async () => {
    const { client, blobs, bytes, line } = await wideRound();
    const hash = await blobs.put(bytes);
    expect(await codeOf(client.upload(hash, blobs, forever))).toBe('APPROVAL_MISSING');
    expect(line.passed.up).toBeLessThan(10_000);
  });
});

describe('an answer', () => {
  /** Sends zeros without end; `read` counts what was taken of them. */
  const endless = (status: number) => {
    const counted = { read: 0 };
    const body = new ReadableStream<Uint8Array>({
      pull(out) {
        counted.read += MIB / 16;
        out.enqueue(new Uint8Array(MIB / 16).fill(32));
      },
    });
    const headers = { 'content-type': 'application/proto', 'content-length': '8' };
    const client = coordinatorClient('http://127.0.0.1', async () => new Response(body, { status, headers }));
    return { client, counted };
  };

  it('to a call is read up to 16 MiB', async () => {
    const { client, counted } = endless(200);
    const said = await calling(client.calls.hello({ protocolVersions: [1], schemaVersions: [1] })).catch(String);
    expect(said).toContain('16777216 bytes');
    expect(counted.read).toBeLessThan(17 * MIB);
  });

  it('that refuses a blob is read up to 64 KiB', async () => {
    const { client, counted } = endless(500);
    const blobs = openBlobFiles(temporaryFolder());
    expect(await codeOf(client.download('0'.repeat(64), 8, blobs, forever))).toBe('COORDINATOR_UNREACHABLE');
    expect(counted.read).toBeLessThan(MIB);
  });

  it('that is a blob is read as far as was asked for, whatever its header says', async () => {
    const { client, counted } = endless(200);
    const blobs = openBlobFiles(temporaryFolder());
    expect(await codeOf(client.download('0'.repeat(64), 8, blobs, forever))).toBe('BLOB_SIZE');
    expect(counted.read).toBeLessThan(3 * MIB);
  });
});

describe('a download', () => {
  it('goes on where a cut left it, and waits between attempts', async () => {
    const { plan, line, client, blobs, asked } = await wideRound();
    const clock = handClock();
    const { sha256: hash, bytes } = plan.inputModel;
    const cuts = line.cutAfter('down', 2 * MIB).then(() => line.cutAfter('down', 2 * MIB));
    const fetched = fetchBlob({ client: () => client, blobs, clock }, hash, bytes, forever);
    for (let cut = 0; cut < 2; cut++) {
      await eventually(async () => clock.waiting() > 0);
      clock.advance(500); // something came each time, so the wait is the shortest
    }
    await Promise.all([fetched, cuts]);
    expect(await blobs.size(hash)).toBe(bytes);
    expect(asked).toHaveLength(3);
    const offsets = asked.slice(1).map((each) => Number(/^GET bytes=(\d+)-$/.exec(each)![1]));
    expect(offsets[0]).toBeGreaterThan(0);
    expect(offsets[1]).toBeGreaterThan(offsets[0]!);
  });

  it('gives up when nothing comes, and says that the coordinator does not answer', async () => {
    const clock = handClock();
    const blobs = openBlobFiles(temporaryFolder());
    const client = coordinatorClient('http://127.0.0.1:1', () =>
      Promise.reject(new AssentError('COORDINATOR_UNREACHABLE', 'no answer')),
    );
    const fetched = codeOf(fetchBlob({ client: () => client, blobs, clock }, '0'.repeat(64), 100, forever));
    for (const pause of [500, 1000, 2000, 4000, 8000]) {
      await eventually(async () => clock.waiting() > 0);
      clock.advance(pause);
    }
    expect(await fetched).toBe('COORDINATOR_UNREACHABLE');
  });

  it('of other bytes, or of too many, is thrown away', async () => {
    const blobs = openBlobFiles(temporaryFolder());
    const answering = (bytes: number) =>
      blobTransfer(
        () => 'http://127.0.0.1/',
        async () => new Response(new Uint8Array(bytes), { headers: { 'content-length': String(bytes) } }),
      );
    const hash = toHex(sha256(new Uint8Array(8)));
    expect(await codeOf(answering(9).download(hash, 8, blobs, forever))).toBe('BLOB_SIZE');
    expect(await codeOf(answering(7).download(hash, 8, blobs, forever))).toBe('BLOB_HASH');
    await answering(8).download(hash, 8, blobs, forever);
    expect(await blobs.size(hash)).toBe(8);
  });
});
