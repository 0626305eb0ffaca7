// The way out of this machine's network: a proxy with a password, an authority that signed the coordinator's certificate.
import { Agent, EnvHttpProxyAgent, Pool, ProxyAgent, type Dispatcher } from 'undici';
import { getCACertificates, rootCertificates, setDefaultCACertificates } from 'node:tls';
import { AssentError } from '../../shared/errors.ts';
import { isLoopback } from '../../platform/loopback.ts';
import type { NetworkSettings } from '../store/network.ts';

export type Network = {
  /** What carries a request to this address; addresses of this machine are never proxied. */
  dispatcher(url: string): Dispatcher;
  /** Says what went wrong on the way to `url` in words that help to repair it. */
  failure(url: string, cause: unknown): AssentError;
  close(): Promise<void>;
};

type Environment = Readonly<Record<string, string | undefined>>;

const CONNECT_MS = 20_000;
/** A connection on which nothing moved for so long is dead; a long poll takes 25 seconds. */
const SILENCE_MS = 120_000;
const UNTRUSTED = /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/;

/**
 * Settings come first; where no proxy is set, HTTPS_PROXY and NO_PROXY of the environment hold. An imported authority takes
 * the place of the system's list, for the coordinator alone. `tunnels` sees what a proxy itself is asked.
 */
export function openNetwork(
  settings: () => NetworkSettings,
  environment: Environment,
  tunnels: Dispatcher.DispatcherComposeInterceptor,
): Network {
  let made: { key: string; direct: Agent; through: Dispatcher; proxy: string | undefined } | undefined;

  function current(): NonNullable<typeof made> {
    const { proxy, ca } = settings();
    const key = JSON.stringify([proxy, ca]);
    if (made?.key === key) return made;
    void end();
    const fromEnvironment = environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? '';
    const noProxy = environment['no_proxy'] ?? environment['NO_PROXY'] ?? '';
    const direct = new Agent(options(ca));
    const tunnel = {
      ...options(ca),
      requestTls: tls(ca),
      proxyTls: tls(ca && [...rootCertificates, ca]),
      clientFactory: (origin: URL, about: object) => new Pool(origin, about).compose(tunnels),
    };
    if (proxy !== null && proxy !== 'none') {
      const { url, user, password } = proxy;
      const token = user === '' ? {} : { token: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
      made = { key, direct, proxy: url, through: new ProxyAgent({ ...tunnel, uri: url, ...token }) };
    } else if (proxy === null && fromEnvironment !== '') {
      const through = new EnvHttpProxyAgent({ ...tunnel, httpProxy: '', httpsProxy: fromEnvironment, noProxy });
      made = { key, direct, proxy: hostOf(fromEnvironment), through };
    } else made = { key, direct, proxy: undefined, through: direct };
    return made;
  }

  async function end(): Promise<void> {
    await Promise.all([made?.direct.destroy(), made?.through.destroy()]);
  }

  return {
    dispatcher: (url) => (isLoopback(new URL(url).hostname) ? current().direct : current().through),
    failure(url, cause) {
      const proxy = isLoopback(new URL(url).hostname) ? undefined : current().proxy;
      return new AssentError('COORDINATOR_UNREACHABLE', sentence(url, proxy, reasonsOf(cause)), { url }, cause);
    },
    close: end,
  };
}

/** What the machine's administrators trust is trusted for the coordinator, too, beside what Node brings. */
export function trustSystem(): void {
  try {
    setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system')])]);
  } catch {
    // this build of Node has no system store; an authority can be imported in Settings
  }
}

const tls = (ca: string | string[] | null) => ({
  allowH2: false,
  timeout: CONNECT_MS,
  ...(ca !== null && { ca }),
});

// With HTTP/2 a body that fails half-way would spin the event loop of undici 8.
const options = (ca: string | null): Agent.Options => ({
  allowH2: false,
  connect: tls(ca),
  headersTimeout: SILENCE_MS,
  bodyTimeout: SILENCE_MS,
});

/** A proxy of the environment may carry a password, which nobody is shown. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'of HTTPS_PROXY';
}

type Reason = { code: string; message: string };

/** An error of undici hides what happened in its cause, or in the causes of its causes. */
function reasonsOf(error: unknown): Reason[] {
  const reasons: Reason[] = [];
  for (let at = error; at instanceof Error; at = at.cause)
    reasons.push({ code: (at as NodeJS.ErrnoException).code ?? '', message: at.message });
  return reasons;
}

function sentence(url: string, proxy: string | undefined, reasons: readonly Reason[]): string {
  const { host, origin } = new URL(url);
  const [, status] = reasons.map(({ message }) => /^Proxy response \((\d{3})\)/.exec(message)).find(Boolean) ?? [];
  if (status === '407')
    return `The proxy ${proxy} wants a user name and a password that it accepts (407). Set them: assent-node network --proxy http://USER@HOST:PORT --proxy-password-file FILE`;
  if (status !== undefined)
    return `The proxy ${proxy} refuses to connect to ${host} (${status}). Ask who runs it to allow that address.`;
  const untrusted = reasons.find(({ code }) => UNTRUSTED.test(code));
  if (untrusted)
    return `The certificate of ${host}${proxy ? ', as it comes through the proxy,' : ''} is not one that this node trusts (${untrusted.code}). If an authority of the coordinator's or of your network signed it, import that: assent-node network --ca FILE`;
  const nowhere = reasons.find(({ code }) => code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'ETIMEDOUT');
  if (proxy !== undefined && nowhere)
    return `The proxy ${proxy} does not answer (${nowhere.code}). Check its address: assent-node network`;
  return `The coordinator at ${origin} does not answer.`;
}
