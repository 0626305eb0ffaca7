// Loaded before a program (node --import): writes down every way in which its JavaScript reaches for the network, in all threads.
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import net, { type Socket } from 'node:net';
import { syncBuiltinESMExports } from 'node:module';

const file = process.env['ASSENT_TRACE'];

function trace(what: string, owner: object, name: string, target: (args: unknown[]) => string | undefined): void {
  const methods = owner as Record<string, (...args: unknown[]) => unknown>;
  const original = methods[name]!;
  methods[name] = function (this: unknown, ...args) {
    const found = target(args);
    if (found !== undefined) appendFileSync(file!, `${what} ${found}\n`);
    return original.apply(this, args);
  };
}

/** As net.Socket.connect takes it: options, or port and host, or both already put together in a list. */
function addressOf([first, second]: unknown[]): string {
  const [given] = Array.isArray(first) ? (first as unknown[]) : [first];
  if (typeof given !== 'object' || given === null)
    return `${typeof second === 'string' ? second : 'localhost'}:${given as string}`;
  const { host = 'localhost', port, path } = given as { host?: string; port?: number; path?: string };
  return path ?? `${host}:${port}`;
}

if (file !== undefined) {
  trace('connect', net.Socket.prototype satisfies Socket, 'connect', addressOf);
  for (const name of ['connect', 'send']) trace('udp', dgram.Socket.prototype, name, () => name);
  for (const owner of [dns, dns.promises])
    for (const name of ['lookup', 'lookupService', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'reverse'])
      // An address is not asked for: it stands for itself.
      trace('dns', owner, name, ([host]) => (net.isIP(String(host)) === 0 ? String(host) : undefined));
  for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'])
    trace('program', childProcess, name, ([path]) => String(path));
  syncBuiltinESMExports();
}
