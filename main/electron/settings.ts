// What the desktop app keeps for itself, in a file of its own: whose node it shows, and nothing secret.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Remote } from './remote.ts';

export type ShellSettings = { remote: Remote | null };

export function readSettings(file: string): ShellSettings {
  try {
    const { remote } = JSON.parse(readFileSync(file, 'utf8')) as { remote?: unknown };
    return { remote: remote === undefined || remote === null ? null : checkedRemote(remote) };
  } catch {
    return { remote: null };
  }
}

export function writeSettings(file: string, settings: ShellSettings): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(settings), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Throws with the reason. */
export function checkedRemote(given: unknown): Remote {
  const { url, certificate } = (typeof given === 'object' && given !== null ? given : {}) as Partial<Remote>;
  const address = typeof url === 'string' && /^https:\/\/[^/?#@\s]+\/?$/.test(url) ? new URL(url) : undefined;
  if (!address) throw new Error('The address of a node is https://HOST:PORT.');
  const hash = typeof certificate === 'string' ? certificate.replace(/[:\s]/g, '').toLowerCase() : '';
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error('The SHA-256 fingerprint of a certificate has 64 digits.');
  return { url: address.origin, certificate: hash };
}
