// The way from a desktop to its own institution's node in another room: HTTPS, with the authority that signed its certificate.
import type { Interceptor, Transport } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { Agent, fetch as fetchWith, type RequestInit as FetchInit } from 'undici';
import { AssentError } from '../shared/errors.ts';

/** `ca`: PEM certificates, which alone are trusted; without, those that Node trusts. Throws TRANSPORT_INSECURE. */
export function remoteTransport(url: string, ca: string | undefined, interceptors: Interceptor[]): Transport {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw new AssentError('TRANSPORT_INSECURE', `${url}: a node on another machine is reached over https alone.`, {
      url,
    });
  const dispatcher = new Agent({ allowH2: false, connect: { allowH2: false, ...(ca !== undefined && { ca }) } });
  return createConnectTransport({
    baseUrl: url,
    useBinaryFormat: true,
    interceptors,
    fetch: (input, init) => fetchWith(input as string, { ...init, dispatcher, redirect: 'error' } as FetchInit),
  });
}
