// An authority of a test's own, certificates that it signs, and TLS in front of a port that speaks without.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary.ts';

export type Authority = { pem: string; issue(host: string): { cert: string; key: string } };

const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export function makeAuthority(name: string): Authority {
  const folder = temporaryFolder();
  const at = (file: string) => join(folder, file);
  openssl('req', '-x509', ...EC, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2', '-subj', `/CN=${name}`);
  return {
    pem: readFileSync(at('ca.pem'), 'utf8'),
    issue(host) {
      const [key, asked, cert, names] = ['key', 'csr', 'pem', 'ext'].map((end) => at(`${host}.${end}`));
      writeFileSync(names!, `subjectAltName=DNS:${host}`);
      openssl('req', ...EC, '-keyout', key!, '-out', asked!, '-subj', `/CN=${host}`);
      const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-extfile', names!];
      openssl('x509', '-req', '-in', asked!, '-out', cert!, ...signed);
      return { cert: readFileSync(cert!, 'utf8'), key: readFileSync(key!, 'utf8') };
    },
  };
}

/** Returns the port. */
export async function serveTls(identity: { cert: string; key: string }, target: number): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer(identity, (near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) sockets.add(socket);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  server.on('tlsClientError', () => {}); // who does not trust us hangs up
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as { port: number }).port;
}
