import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../platform/crypto.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { eventually } from '../support/live-consortium.ts';
import { admitted, gradientBytes, openConsortium, startedStudy, tinyStudy } from '../support/open-consortium.ts';

async function approvedRound() {
  const consortium = await openConsortium();
  const [alpha, beta] = await startedStudy(consortium, tinyStudy(), ['alpha', 'beta']);
  const announced = await alpha!.plan();
  await alpha!.decide(announced);
  return { ...consortium, consortium, alpha: alpha!, beta: beta!, announced };
}
const refused = async (answer: Response) => ({
  status: answer.status,
  code: ((await answer.json()) as { code: string }).code,
});
const blob = gradientBytes(1, 2);
const hash = toHex(sha256(blob));

describe('the tensor plane', () => {
  it('takes an upload in pieces and says how far it is', async () => {
    const { alpha, beta } = await approvedRound();
    const head = (member: typeof alpha) => member.request(alpha.blobUrl(hash), { method: 'HEAD' });
    expect((await head(alpha)).status).toBe(404);
    expect((await alpha.upload(blob.slice(0, 100), { hash, length: blob.length })).headers.get('upload-offset')).toBe(
      '100',
    );
    expect((await head(alpha)).headers.get('upload-offset')).toBe('100');
    expect(await refused(await alpha.upload(blob.slice(50), { hash, offset: 50, length: blob.length }))).toEqual({
      status: 412,
      code: 'BLOB_OFFSET',
    });
    expect((await alpha.upload(blob.slice(100), { hash, offset: 100, length: blob.length })).status).toBe(204);
    expect((await head(alpha)).headers.get('upload-offset')).toBe(String(blob.length));
    // What one institution sends is nobody else's business, not even that it is there.
    expect((await head(beta)).status).toBe(404);
    expect((await beta.request(beta.blobUrl(hash))).status).toBe(404);
  });

  it('throws away a blob with a wrong hash', async () => {
    const { alpha } = await approvedRound();
    const wrong = toHex(sha256(new Uint8Array(1)));
    expect(await refused(await alpha.upload(blob, { hash: wrong }))).toEqual({ status: 400, code: 'BLOB_HASH' });
    expect((await alpha.request(alpha.blobUrl(wrong), { method: 'HEAD' })).status).toBe(404);
  });

  it('refuses an oversize body by what it announces, before it reads any of it', async () => {
    const { alpha, server } = await approvedRound();
    expect(await refused(await alpha.upload(new Uint8Array(blob.length + 1)))).toEqual({
      status: 413,
      code: 'BLOB_SIZE',
    });
    expect(await refused(await alpha.upload(blob, { length: 10 }))).toEqual({ status: 413, code: 'BLOB_SIZE' });
    // A gigabyte is announced and nothing of it sent: the answer comes all the same.
    const headers = await signedHeaders(alpha, hash);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `PATCH /blobs/${hash} HTTP/1.1\r\nhost: x\r\n${headers}upload-offset: 0\r\nupload-length: 1000000000\r\ncontent-length: 1000000000\r\n\r\n`,
    );
    const [answer] = await new Promise<Buffer[]>((resolve) => socket.once('data', (data) => resolve([data])));
    expect(answer!.toString('utf8')).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  it('stops a chunked body that is longer than announced', async () => {
    const { alpha } = await approvedRound();
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(blob);
        controller.enqueue(blob);
        controller.close();
      },
    });
    const headers = {
      'content-type': 'application/octet-stream',
      'upload-offset': '0',
      'upload-length': String(blob.length),
    };
    const answer = await alpha.request(alpha.blobUrl(hash), { method: 'PATCH', headers, body, duplex: 'half' });
    expect(await refused(answer)).toEqual({ status: 413, code: 'BLOB_SIZE' });
  });

  it('takes uploads only from who has approved an open round, and requests only from admitted members', async () => {
    const { alpha, beta, consortium } = await approvedRound();
    expect(await refused(await beta.upload(blob))).toEqual({ status: 412, code: 'APPROVAL_MISSING' });
    expect(await refused(await fetch(alpha.blobUrl(hash)))).toEqual({ status: 403, code: 'SIGNATURE_INVALID' });
    const gamma = consortium.newMember('gamma');
    await gamma.enrol((await consortium.admin.invite({ member: 'gamma', name: 'G' })).invitation);
    expect(await refused(await gamma.request(alpha.blobUrl(hash)))).toEqual({ status: 403, code: 'NOT_ADMITTED' });
    expect(await refused(await alpha.request(`${consortium.server.url}/blobs/..%2f..%2fsecret`))).toEqual({
      status: 400,
      code: 'REQUEST_INVALID',
    });
  });

  it('gives models to members of the study, whole and in ranges', async () => {
    const { alpha, announced, consortium } = await approvedRound();
    const { sha256: model, bytes } = announced.plan.inputModel;
    const whole = new Uint8Array(await (await alpha.request(alpha.blobUrl(model))).arrayBuffer());
    expect([whole.length, toHex(sha256(whole))]).toEqual([bytes, model]);
    const part = await alpha.request(alpha.blobUrl(model), { headers: { range: 'bytes=10-19' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${bytes}`]);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(whole.slice(10, 20));
    const rest = await alpha.request(alpha.blobUrl(model), { headers: { range: `bytes=${bytes - 3}-` } });
    expect(new Uint8Array(await rest.arrayBuffer())).toEqual(whole.slice(-3));
    const stranger = await admitted(consortium, 'gamma');
    expect(await refused(await stranger.request(alpha.blobUrl(model)))).toEqual({ status: 404, code: 'BLOB_UNKNOWN' });
  });

  it('keeps one upload that does not count yet a round, so that a member cannot fill the disk', async () => {
    const { alpha, coordinator } = await approvedRound();
    for (const value of [1, 2, 3]) expect((await alpha.upload(gradientBytes(value, value))).status).toBe(204);
    const kept = await coordinator.store.updates('alpha').list();
    expect(kept).toEqual([{ hash: toHex(sha256(gradientBytes(3, 3))), whole: true, bytes: blob.length }]);
  });

  it('keeps no more when many uploads come at the same time, half or whole', async () => {
    const { alpha, coordinator } = await approvedRound();
    const blobs = [1, 2, 3, 4, 5, 6].map((value) => gradientBytes(value, value));
    await Promise.all(blobs.map((each, i) => alpha.upload(i % 2 === 0 ? each : each.slice(0, 50), announcedAs(each))));
    const kept = await coordinator.store.updates('alpha').list();
    expect(kept).toHaveLength(1);
  });

  it('keeps no more when many uploads begin together', async () => {
    const { alpha, coordinator } = await approvedRound();
    const names = Array.from({ length: 20 }, (_, i) => toHex(sha256(Uint8Array.of(i))));
    const answers = await Promise.all(
      names.map((name) => alpha.upload(blob.slice(0, 100), { hash: name, length: blob.length })),
    );
    expect(answers.some(({ status }) => status === 204)).toBe(true);
    expect(await coordinator.store.updates('alpha').list()).toHaveLength(1);
  });

  it('ends an upload that stands still when another one needs its place', async () => {
    const { alpha, announced, coordinator } = await approvedRound();
    const stalled = toHex(sha256(new Uint8Array(1)));
    const body = new ReadableStream({ start: (controller) => controller.enqueue(blob.slice(0, 100)) });
    const first = alpha.request(alpha.blobUrl(stalled), {
      method: 'PATCH',
      headers: {
        'content-type': 'application/octet-stream',
        'upload-offset': '0',
        'upload-length': String(blob.length),
      },
      body,
      duplex: 'half',
    });
    const files = coordinator.store.updates('alpha');
    await eventually(async () => (await files.list()).length > 0);
    expect((await alpha.upload(blob)).status).toBe(204);
    expect(await refused(await first)).toMatchObject({ code: 'CANCELED' });
    await alpha.submit(alpha.statement(announced, blob));
    expect(await files.list()).toEqual([{ hash, whole: true, bytes: blob.length }]);
  });

  it('removes after a round what does not count, and no longer looks at what does', async () => {
    const { alpha, beta, announced, consortium, coordinator } = await approvedRound();
    await alpha.upload(blob);
    await alpha.submit(alpha.statement(announced, blob));
    await alpha.decide(announced);
    await beta.contribute(announced, blob);
    await consortium.idle();
    const next = await alpha.plan();
    const files = coordinator.store.updates('alpha');
    const { list } = files;
    let looks = 0;
    files.list = () => (looks++, list());
    await alpha.decide(next);
    await alpha.upload(gradientBytes(3, 3));
    await consortium.admin.pauseStudy({ study: 'tiny' });
    await consortium.idle();
    expect(looks).toBe(0);
    expect(await list()).toEqual([{ hash, whole: true, bytes: blob.length }]);
  });
});

const announcedAs = (bytes: Uint8Array) => ({ hash: toHex(sha256(bytes)), length: bytes.length });

/** The three signed headers as text, taken from a request that is not sent. */
async function signedHeaders(
  member: { request(url: string, init: RequestInit): Promise<Response>; blobUrl(hash: string): string },
  of: string,
): Promise<string> {
  const original = globalThis.fetch;
  let text = '';
  globalThis.fetch = (_url, init) => {
    for (const [name, value] of new Headers(init?.headers)) text += `${name}: ${value}\r\n`;
    return Promise.resolve(new Response());
  };
  try {
    await member.request(member.blobUrl(of), { method: 'PATCH' });
  } finally {
    globalThis.fetch = original;
  }
  return text;
}
