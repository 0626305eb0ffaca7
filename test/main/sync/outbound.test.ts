// What leaves is counted at the other end of a real connection, and compared with the ledger.
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openNetwork } from '../../../main/sync/network.ts';
import { openOutbound, type OutboundInit } from '../../../main/sync/outbound.ts';
import { generateEd25519, sha256, signEd25519 } from '../../../platform/crypto.ts';
import { AssentError } from '../../../shared/errors.ts';
import { toHex } from '../../../shared/wire/canonical.ts';
import type { Sending } from '../../../main/audit/ledger.ts';
import { ledgerHome, type LedgerHome } from '../../support/ledger-home.ts';
import { freePort } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const MIB = 1024 * 1024;
const UPDATE: Sending = { purpose: 'update', study: 'small', round: 3, attempt: 1, message: 7 };

type Line = { url: string; received(): Buffer; connections(): number };

/** A server that keeps every byte. `answer` is asked after each piece: with what there is to say, the connection goes on. */
async function keeping(answer: (received: Buffer, socket: Socket) => string | undefined): Promise<Line> {
  const pieces: Buffer[] = [];
  let connections = 0;
  let answered = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      pieces.push(piece);
      const all = Buffer.concat(pieces);
      const said = answer(all.subarray(answered), socket);
      if (said === undefined) return;
      answered = all.length;
      socket.write(said);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, received: () => Buffer.concat(pieces), connections: () => connections };
}

/** Answers once head and body of a request are there. */
const whole = (answer: string) => (received: Buffer) => {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = Number(/content-length: (\d+)/i.exec(received.subarray(0, end).toString('latin1'))?.[1] ?? 0);
  return received.length < end + 4 + length ? undefined : answer;
};
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

function sender(home: LedgerHome = ledgerHome()) {
  const { publicKey, privateKey } = generateEd25519();
  const network = openNetwork(() => ({ proxy: null, ca: null }), {}, home.tunnels);
  onTestFinished(() => network.close());
  const keys = { member: toHex(publicKey), log: toHex(publicKey), witness: toHex(publicKey) };
  const who = { consortium: 'test', member: 'alpha', url: '', keys, admitted: true, watched: 0 };
  const key = { publicKey, sign: (message: Uint8Array) => signEd25519(privateKey, message) };
  const send = openOutbound(() => who, key, Date.now, network, home.ledger);
  /** The text of the answer, or the code of the refusal. */
  const ask = async (url: string, init: OutboundInit, sending: Sending) => {
    try {
      return await (await send(url, init, sending)).text();
    } catch (error) {
      if (error instanceof AssentError) return error.code;
      throw error;
    }
  };
  return { ...home, ask };
}

const streamed = (body: Uint8Array, pieces: number): OutboundInit => ({
  method: 'PATCH',
  headers: { 'content-length': String(body.length) },
  duplex: 'half',
  body: (async function* () {
    const size = Math.ceil(body.length / pieces);
    for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
  })(),
});

describe('a request', () => {
  it('is in the ledger before its first byte leaves', async () => {
    const { ask, journal, rows } = sender();
    const seen: unknown[] = [];
    const line = await keeping((received) => {
      seen.push(journal.read.get('select purpose, body, head, settled from outbound order by id desc'));
      return whole(OK)(received);
    });
    await ask(`${line.url}/x`, { method: 'POST', body: new Uint8Array(100) }, { purpose: 'watch' });
    expect(seen[0]).toEqual({ purpose: 'watch', body: 100, head: null, settled: null });
    expect(rows()).toMatchObject([{ purpose: 'watch', status: 200, error: null }]);
  });

  it('has every byte counted, and the hash of its body', async () => {
    const { ask, rows } = sender();
    const line = await keeping(whole(OK));
    const body = new Uint8Array(5000).fill(9);
    expect(await ask(`${line.url}/plain`, { method: 'POST', body }, UPDATE)).toBe('ok');
    await ask(`${line.url}/none`, {}, { purpose: 'download' });
    await ask(`${line.url}/head`, { method: 'HEAD' }, { purpose: 'update' });
    await ask(`${line.url}/streamed`, streamed(body, 7), { ...UPDATE, start: 123 });
    const [plain, none, head, piece] = rows();
    const { head: bytes, ...told } = plain!;
    expect(told).toEqual({
      id: 1,
      at: told.at,
      settled: told.settled,
      method: 'POST',
      url: `${line.url}/plain`,
      purpose: 'update',
      study: 'small',
      round: 3,
      attempt: 1,
      message: 7,
      try: 1,
      start: 0,
      body: 5000,
      sha256: toHex(sha256(body)),
      status: 200,
      error: null,
    });
    expect(line.received().subarray(0, bytes!).toString('latin1')).toMatch(/^POST \/plain [^]*\r\n\r\n$/);
    expect(none).toMatchObject({ body: 0, sha256: null, study: null, message: null });
    expect(head).toMatchObject({ method: 'HEAD', body: 0 });
    expect(piece).toMatchObject({ start: 123, body: 5000, sha256: toHex(sha256(body)) });
    expect(rows().reduce((sum, row) => sum + row.head! + row.body, 0)).toBe(line.received().length);
  });

  it('that breaks off in its midst says how much of it was handed over, and hashes exactly that', async () => {
    const { ask, rows } = sender();
    const body = Uint8Array.from({ length: 24 * MIB }, (_, i) => (i * 7 + (i >> 8)) & 255);
    const line = await keeping((received, socket) => {
      if (received.length > MIB) socket.resetAndDestroy();
      return undefined;
    });
    expect(await ask(`${line.url}/blob`, streamed(body, 96), UPDATE)).toBe('COORDINATOR_UNREACHABLE');
    const [row] = rows();
    expect(row).toMatchObject({ status: null, head: line.received().indexOf('\r\n\r\n') + 4 });
    expect(row!.error).toMatch(/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/);
    expect(row!.body).toBeGreaterThan(MIB);
    expect(row!.body).toBeLessThan(body.length);
    expect(row!.sha256).toBe(toHex(sha256(body.subarray(0, row!.body))));
    expect(line.received().length).toBeLessThanOrEqual(row!.head! + row!.body);
  });

  it('that is answered before all of it was sent counts no more than was handed over', async () => {
    const { ask, rows } = sender();
    const refused = 'HTTP/1.1 413 No\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno';
    const line = await keeping((_received, socket) => {
      socket.pause();
      return refused;
    });
    const body = new Uint8Array(24 * MIB).fill(1);
    expect(await ask(`${line.url}/blob`, streamed(body, 96), UPDATE)).toBe('no');
    const [row] = rows();
    expect(row).toMatchObject({ status: 413, error: null });
    expect(row!.body).toBeLessThan(body.length);
    expect(row!.sha256).toBe(toHex(sha256(body.subarray(0, row!.body))));
  });

  it('that an answer has repeated (421) is in the ledger as often as it left', async () => {
    const { ask, rows } = sender();
    const answers = ['HTTP/1.1 421 Misdirected\r\ncontent-length: 0\r\n\r\n', OK];
    const line = await keeping((received) => (whole(OK)(received) === undefined ? undefined : answers.shift()));
    await ask(`${line.url}/twice`, { method: 'GET' }, UPDATE);
    expect(rows().map((row) => [row.status, row.try])).toEqual([
      [421, 1],
      [200, 2],
    ]);
    expect(rows().reduce((sum, row) => sum + row.head! + row.body, 0)).toBe(line.received().length);
  });

  it('to where nobody listens has a row in which nothing left', async () => {
    const { ask, rows } = sender();
    const url = `http://127.0.0.1:${await freePort()}/x`;
    for (let i = 0; i < 2; i++)
      expect(await ask(url, { method: 'POST', body: new Uint8Array(9) }, UPDATE)).toBe('COORDINATOR_UNREACHABLE');
    expect(rows().map((row) => [row.head, row.body, row.sha256, row.status, row.error, row.try])).toEqual([
      [0, 0, null, null, 'ECONNREFUSED', 1],
      [0, 0, null, null, 'ECONNREFUSED', 2],
    ]);
  });

  it('that is cancelled while it waits for its answer is settled as cancelled', async () => {
    const { ask, rows } = sender();
    const stop = new AbortController();
    const line = await keeping((received) =>
      whole(OK)(received) === undefined ? undefined : (stop.abort(), undefined),
    );
    const asked = ask(
      `${line.url}/poll`,
      { method: 'POST', body: new Uint8Array(3), signal: stop.signal },
      { purpose: 'watch' },
    );
    expect(await asked).toBe('CANCELED');
    expect(rows()).toMatchObject([{ body: 3, status: null, error: 'CANCELED' }]);
    expect(rows()[0]!.head! + 3).toBe(line.received().length);
  });

  it('does not leave when its row cannot be written, and no other does afterwards', async () => {
    const folder = temporaryFolder();
    const { ask, journal } = sender(ledgerHome(Date.now, folder));
    const line = await keeping(whole(OK));
    const other = new Database(join(folder, 'assent.db'));
    other.exec("create trigger full before insert on outbound begin select raise(abort, 'disk full'); end");
    await expect(ask(`${line.url}/x`, { method: 'POST', body: new Uint8Array(9) }, UPDATE)).rejects.toThrow(
      'disk full',
    );
    other.exec('drop trigger full');
    other.close();
    await expect(ask(`${line.url}/x`, {}, { purpose: 'watch' })).rejects.toThrow('disk full');
    expect(line.connections()).toBe(0);
    expect(journal.read.all('select * from outbound')).toEqual([]);
  });

  it('has to say how long a streamed body is', async () => {
    const { ask, rows } = sender();
    const init = { ...streamed(new Uint8Array(9), 1), headers: {} };
    expect(await ask('http://127.0.0.1:1/x', init, UPDATE)).toBe('INTERNAL');
    expect(rows()).toEqual([]);
  });
});
