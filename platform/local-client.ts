// The way to a program of this machine's: the address and token that it wrote into its folder, readable by its owner alone.
import type { Interceptor, Transport } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

export type Address = { url: string; token: string };

/** Undefined where no program has run, or where it is just writing the file. */
export function readAddress(file: string): Address | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Address;
  } catch {
    return undefined;
  }
}

export function writeAddress(file: string, address: Address): void {
  rmSync(file, { force: true }); // the mode counts for a new file only
  writeFileSync(file, JSON.stringify(address), { mode: 0o600 });
}

/** Calls a program on this machine, showing its token. */
export function localTransport({ url, token }: Address, interceptors: Interceptor[] = []): Transport {
  const withToken: Interceptor = (next) => (request) => {
    request.header.set('authorization', `Bearer ${token}`);
    return next(request);
  };
  return createConnectTransport({ baseUrl: url, useBinaryFormat: true, interceptors: [withToken, ...interceptors] });
}
