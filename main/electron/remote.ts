// The node elsewhere: one HTTPS request a call, to the one certificate that was pinned. Nothing is sent before it was seen.
import { request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import type { CallNode, NodeReply } from './tunnel.ts';

/** `certificate` is the SHA-256 of its DER bytes, hex. */
export type Remote = { url: string; certificate: string };

const PATIENCE_MS = 15_000;

export function remoteCalls({ url, certificate }: Remote): CallNode {
  const { hostname, port } = new URL(url);
  return ({ path, header, body }) => {
    let cancel = () => {};
    const reply = pinned(hostname, Number(port || 443), certificate).then(
      (socket) =>
        new Promise<NodeReply>((resolve, reject) => {
          const asked = request({
            host: hostname,
            port,
            path,
            method: 'POST',
            headers: { ...Object.fromEntries(header), 'content-length': String(body.byteLength) },
            createConnection: () => socket,
          });
          cancel = () => asked.destroy();
          asked.on('error', reject);
          asked.on('response', (answer) => {
            const headers: [string, string][] = [];
            for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2)
              headers.push([answer.rawHeaders[i]!.toLowerCase(), answer.rawHeaders[i + 1]!]);
            resolve({ status: answer.statusCode ?? 502, header: headers, body: answer });
          });
          asked.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength)); // older Nodes take no plain Uint8Array
        }),
    );
    reply.catch(() => {}); // whoever waits for it hears of it
    return { reply, cancel: () => cancel() };
  };
}

/** A connection whose other end holds the pinned certificate; who signed it does not matter then. */
function pinned(host: string, port: number, certificate: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port, rejectUnauthorized: false, ...name });
    const fail = (why: string) => {
      socket.destroy();
      reject(new Error(why));
    };
    socket.setTimeout(PATIENCE_MS, () => fail('The node does not answer.'));
    socket.once('error', (error: Error) => fail(error.message));
    socket.once('secureConnect', () => {
      const seen = socket.getPeerCertificate().fingerprint256.replace(/:/g, '').toLowerCase();
      if (seen !== certificate) return fail('The node shows another certificate than the one that was pinned.');
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}
