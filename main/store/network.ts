// Settings of the way to the coordinator. The proxy's password is sealed; the proxy's address is on record as a commitment.
import { AssentError } from '../../shared/errors.ts';
import { encodeUtf8, toHex } from '../../shared/wire/canonical.ts';
import { checkCertificate, sha256 } from '../../platform/crypto.ts';
import type { Store } from './open.ts';

type Proxy = { url: string; user: string; password: string };
export type NetworkSettings = {
  /** Null: what the environment says. 'none': no proxy, whatever it says. */
  proxy: Proxy | 'none' | null;
  /** PEM certificates of the authorities trusted for the coordinator; null: those that Node trusts. */
  ca: string | null;
};

type Row = { proxy: string | null; user: string; password: Buffer | null; ca: string | null };
const MOST_PEM = 1_000_000;

export function networkOf({ journal, keyring }: Pick<Store, 'journal' | 'keyring'>): NetworkSettings {
  const row = journal.read.get<Row>('select proxy, user, password, ca from network');
  if (!row) return { proxy: null, ca: null };
  const { proxy, user, ca } = row;
  if (proxy === null || proxy === 'none') return { proxy, ca };
  const password = row.password ? Buffer.from(keyring.open('network', 'proxy', row.password)).toString('utf8') : '';
  return { proxy: { url: proxy, user, password }, ca };
}

/** `proxy` is 'none', 'environment' or a URL that may hold user and password; `ca` is PEM or 'none'; undefined keeps. */
export function setNetwork(store: Store, change: { proxy?: string; ca?: string }): NetworkSettings {
  const before = networkOf(store);
  const proxy = change.proxy === undefined ? before.proxy : proxyOf(change.proxy);
  const ca = change.ca === undefined ? before.ca : change.ca === 'none' ? null : checkedPem(change.ca);
  const [url, user, password] =
    proxy === null || proxy === 'none' ? [proxy, '', ''] : [proxy.url, proxy.user, proxy.password];
  store.journal.transact('network.set', (tx) => {
    const sealed = password === '' ? null : store.keyring.seal('network', 'proxy', encodeUtf8(password));
    tx.run('delete from network');
    tx.run('insert into network (only, proxy, user, password, ca) values (1, ?, ?, ?, ?)', url, user, sealed, ca);
    const detail = {
      proxy: url === null ? null : tx.commit(url),
      authority: ca === null ? null : toHex(sha256(encodeUtf8(ca))),
    };
    tx.append({ kind: 'network.changed', detail });
  });
  return { proxy, ca };
}

/** As a person may see it: without the password. */
export function describeNetwork({ proxy, ca }: NetworkSettings): { proxy: string; ca: string } {
  const shown = proxy === null ? 'environment' : proxy === 'none' ? proxy : shownUrl(proxy);
  return { proxy: shown, ca: ca === null ? '' : toHex(sha256(encodeUtf8(ca))) };
}

function shownUrl({ url, user }: Proxy): string {
  return user === '' ? url : url.replace('//', `//${encodeURIComponent(user)}@`);
}

function proxyOf(text: string): NetworkSettings['proxy'] {
  if (text === 'none') return 'none';
  if (text === 'environment') return null;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '' || url.pathname !== '/' || url.search !== '')
    throw new AssentError(
      'REQUEST_INVALID',
      'A proxy is given as http://HOST:PORT or https://HOST:PORT, with USER@ before the host where it wants one; or "none", or "environment".',
    );
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return { url: url.origin, user, password };
}

function checkedPem(pem: string): string {
  const problem = (why: string, cause?: unknown) =>
    new AssentError(
      'REQUEST_INVALID',
      `The file of authorities cannot be used: ${why}. It holds one or more certificates as PEM text.`,
      {},
      cause,
    );
  if (pem.length > MOST_PEM) throw problem('it is larger than a megabyte');
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (!certificates) throw problem('no certificate is in it');
  try {
    certificates.forEach(checkCertificate);
  } catch (cause) {
    throw problem('a certificate in it does not parse', cause);
  }
  return pem;
}
