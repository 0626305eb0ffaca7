import { createServer } from 'node:https';
import { expect, onTestFinished, test } from 'vitest';
import { remoteCalls } from '../../../main/electron/remote.ts';
import { checkedRemote } from '../../../main/electron/settings.ts';
import { certificateHash } from '../../../platform/crypto.ts';
import { makeAuthority } from '../../support/certificates.ts';

async function httpsServer(identity: { cert: string; key: string }) {
  const seen: string[] = [];
  const server = createServer(identity, (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.setHeader('content-type', 'application/proto').end('answer');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { url: `https://localhost:${port}`, seen };
}
const request = { path: '/assent.v1.NodeService/GetStatus', header: [], body: new Uint8Array([1]) };

test('calls go to the one certificate that was pinned, whoever signed it', async () => {
  const identity = makeAuthority('Nobody').issue('localhost');
  const { url, seen } = await httpsServer(identity);
  const { reply } = remoteCalls({ url, certificate: certificateHash(identity.cert) })(request);
  const { status, body } = await reply;
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  expect([status, Buffer.concat(parts).toString()]).toEqual([200, 'answer']);
  expect(seen).toEqual([`POST ${request.path}`]);
});

test('nothing is sent to another certificate of the same name, even of the same authority', async () => {
  const authority = makeAuthority('The institution');
  const pinned = authority.issue('localhost');
  const { url, seen } = await httpsServer(authority.issue('localhost'));
  const { reply } = remoteCalls({ url, certificate: certificateHash(pinned.cert) })(request);
  await expect(reply).rejects.toThrow('another certificate');
  expect(seen).toEqual([]);
});

test('an address in the data centre is https, and a fingerprint whole', () => {
  const certificate = 'AB:'.repeat(31) + 'ab';
  expect(checkedRemote({ url: 'https://node.hospital.example:7443/', certificate })).toEqual({
    url: 'https://node.hospital.example:7443',
    certificate: 'ab'.repeat(32),
  });
  for (const wrong of [
    undefined,
    { url: 'http://node.hospital.example', certificate },
    { url: 'https://user@node.hospital.example', certificate },
    { url: 'https://node.hospital.example/path', certificate },
    { url: 'https://node.hospital.example', certificate: 'ab' },
    { url: ['https://node.hospital.example'], certificate },
  ])
    expect(() => checkedRemote(wrong)).toThrow(/./);
});
