import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { networkOf, setNetwork, type NetworkSettings } from '../../../main/store/network.ts';
import { calling, coordinatorClient } from '../../../main/sync/client.ts';
import { openNetwork } from '../../../main/sync/network.ts';
import { openOutbound } from '../../../main/sync/outbound.ts';
import { openBlobFiles } from '../../../platform/blob-files.ts';
import { sha256 } from '../../../platform/crypto.ts';
import { AssentError } from '../../../shared/errors.ts';
import { toHex } from '../../../shared/wire/canonical.ts';
import { makeAuthority, serveTls, type Authority } from '../../support/certificates.ts';
import { openProxy } from '../../support/connect-proxy.ts';
import { ledgerHome } from '../../support/ledger-home.ts';
import { institution } from '../../support/institution.ts';
import { openConsortium, startedStudy, tinyStudy } from '../../support/open-consortium.ts';
import { freePort } from '../../support/processes.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { terminal } from '../../support/terminal.ts';

const HOST = 'coordinator.test';
const HELLO = { protocolVersions: [1], schemaVersions: [1] };
const forever = new AbortController().signal;
const refusal = (work: Promise<unknown>) =>
  calling(work).then(
    () => 'done',
    (error: unknown) => (error instanceof AssentError ? `${error.code}: ${error.message}` : error),
  );

/** A coordinator behind TLS and a proxy with a password, in a round of models of about 1.5 MB. */
async function hospital(authority: Authority) {
  const consortium = await openConsortium();
  const layers = [300, 1200, 1].map((units) => ({ class_name: 'Dense', config: { units } }));
  const [member] = await startedStudy(consortium, tinyStudy(['model.layers', layers]), ['alpha', 'beta']);
  const port = await serveTls(authority.issue(HOST), Number(new URL(consortium.server.url).port));
  const proxy = await openProxy({ host: HOST, port, user: 'ward 7', password: 'p@ss:word' });
  const url = `https://${HOST}:${port}`;
  const home = ledgerHome();
  const client = (settings: NetworkSettings, environment: Record<string, string> = {}) => {
    const network = openNetwork(() => settings, environment, home.tunnels);
    onTestFinished(() => network.close());
    const who = { consortium: 'test', member: 'alpha', url, keys: member!.keys, admitted: true, watched: 0 };
    return coordinatorClient(
      url,
      openOutbound(() => who, member!.signer, consortium.clock.now, network, home.ledger),
    );
  };
  const through = { url: `http://127.0.0.1:${proxy.port}`, user: 'ward 7', password: 'p@ss:word' };
  return { consortium, member: member!, proxy, client, through, url, home };
}

describe('the way to the coordinator', () => {
  it('leads through a proxy with a password to a certificate of an imported authority, both ways', async () => {
    const authority = makeAuthority('Hospital network');
    const { consortium, member, proxy, client, through, home, url } = await hospital(authority);
    const { calls, upload, download } = client({ proxy: through, ca: authority.pem });
    expect((await calls.hello(HELLO)).consortium).toBe('test');
    const announced = await member.plan();
    await member.decide(announced);
    const { inputModel, update } = announced.plan;
    const blobs = openBlobFiles(temporaryFolder());
    await download(inputModel.sha256, inputModel.bytes, blobs, forever);
    expect(await blobs.size(inputModel.sha256)).toBe(inputModel.bytes);
    const hash = await blobs.put(new Uint8Array(update.bytes).fill(7));
    await upload(hash, blobs, forever);
    expect(toHex(sha256(await consortium.coordinator.store.updates('alpha').read(hash)))).toBe(hash);
    expect(new Set(proxy.asked.map(({ status }) => status))).toEqual(new Set([200]));
    // What the proxy was asked left, too.
    const of = (purpose: string) => home.rows().filter((row) => row.purpose === purpose);
    expect(of('tunnel').map((row) => [row.method, row.url, row.status])).toEqual(
      proxy.asked.map(({ target, status }) => ['CONNECT', `${through.url}/${target}`, status]),
    );
    expect(of('tunnel').every((row) => row.head! > 100)).toBe(true);
    expect(of('update').at(-1)).toMatchObject({ url: `${url}/blobs/${hash}`, body: update.bytes, sha256: hash });
  });

  it('ends at an authority that is not trusted, and says what to import', async () => {
    const { client, through } = await hospital(makeAuthority('Hospital network'));
    for (const ca of [null, makeAuthority('Another').pem])
      expect(await refusal(client({ proxy: through, ca }).calls.hello(HELLO))).toMatch(
        /^COORDINATOR_UNREACHABLE: The certificate of coordinator\.test:\d+, as it comes through the proxy, is not one that this node trusts \([A-Z_]+\).*assent-node network --ca FILE$/,
      );
  });

  it('says whether the proxy wants a password, refuses the address, or is not there', async () => {
    const authority = makeAuthority('Hospital network');
    const { client, through, proxy, consortium, home } = await hospital(authority);
    const ca = authority.pem;
    const said = (settings: NetworkSettings) => refusal(client(settings).calls.hello(HELLO));
    const address = `http://127.0.0.1:${proxy.port}`;
    for (const wrong of [
      { user: '', password: '' },
      { user: 'ward 7', password: 'guessed' },
    ])
      expect(await said({ proxy: { ...through, ...wrong }, ca })).toContain(
        `The proxy ${address} wants a user name and a password that it accepts (407).`,
      );
    expect(home.rows().map(({ purpose, status, body }) => [purpose, status, body])).toEqual([
      ['greeting', null, 0],
      ['tunnel', 407, 0],
      ['greeting', null, 0],
      ['tunnel', 407, 0],
    ]);
    const strict = await openProxy({ host: 'elsewhere.test', port: Number(new URL(consortium.server.url).port) });
    const strictly = { url: `http://127.0.0.1:${strict.port}`, user: '', password: '' };
    expect(await said({ proxy: strictly, ca })).toMatch(/refuses to connect to coordinator\.test:\d+ \(403\)/);
    const nobody = { url: `http://127.0.0.1:${await freePort()}`, user: '', password: '' };
    expect(await said({ proxy: nobody, ca })).toContain(`The proxy ${nobody.url} does not answer (ECONNREFUSED)`);
  });

  it('follows the environment where nothing is set, and never takes a proxy to this machine itself', async () => {
    const authority = makeAuthority('Hospital network');
    const { client, proxy, consortium, member, home } = await hospital(authority);
    const ca = authority.pem;
    const HTTPS_PROXY = `http://ward%207:p%40ss%3Aword@127.0.0.1:${proxy.port}`;
    expect((await client({ proxy: null, ca }, { HTTPS_PROXY }).calls.hello(HELLO)).consortium).toBe('test');
    expect(proxy.asked).toHaveLength(1);
    const direct = [
      client({ proxy: 'none', ca }, { HTTPS_PROXY }),
      client({ proxy: null, ca }, { HTTPS_PROXY, NO_PROXY: HOST }),
    ];
    for (const { calls } of direct) expect(await refusal(calls.hello(HELLO))).toMatch(/^COORDINATOR_UNREACHABLE/);
    const network = openNetwork(() => ({ proxy: null, ca }), { HTTPS_PROXY, HTTP_PROXY: HTTPS_PROXY }, home.tunnels);
    onTestFinished(() => network.close());
    const send = openOutbound(() => undefined, member.signer, consortium.clock.now, network, home.ledger);
    expect((await coordinatorClient(consortium.server.url, send).calls.hello(HELLO)).consortium).toBe('test');
    expect(proxy.asked).toHaveLength(1);
  });
});

describe('network settings', () => {
  it('are kept with the password sealed, and are on record without it', async () => {
    const { node, home, kinds } = await institution();
    expect(networkOf(node.store)).toEqual({ proxy: null, ca: null });
    const { pem } = makeAuthority('Hospital network');
    const set = setNetwork(node.store, { proxy: 'http://ward%207:swordfish-42@proxy.test:3128', ca: pem });
    expect(set).toEqual({
      proxy: { url: 'http://proxy.test:3128', user: 'ward 7', password: 'swordfish-42' },
      ca: pem,
    });
    expect(networkOf(node.store)).toEqual(set);
    expect(kinds().at(-1)).toBe('network.changed');
    for (const file of readdirSync(home).filter((name) => name.startsWith('assent.db')))
      expect(readFileSync(join(home, file)).includes('swordfish-42')).toBe(false);
    expect(setNetwork(node.store, { proxy: 'environment' })).toEqual({ proxy: null, ca: pem });
    expect(setNetwork(node.store, { ca: 'none' })).toEqual({ proxy: null, ca: null });
  });

  it('are set and shown from the command line, without the password', { timeout: 60_000 }, async () => {
    const { run, setUp, file } = terminal();
    await setUp();
    const network = (...args: string[]) => run(['--as', 'ada', 'network', ...args]);
    const ca = file('ca.pem', makeAuthority('Hospital network').pem);
    const password = file('proxy-password', 'swordfish-42\n');
    const set = await network('--proxy', 'http://ward7@proxy.test:3128', '--proxy-password-file', password, '--ca', ca);
    expect(set).toMatchObject({ code: 0 });
    const shown = await network();
    expect(shown.out).toBe(set.out);
    expect(shown.out).toMatch(/http:\/\/ward7@proxy\.test:3128\n.*SHA-256 [0-9a-f]{64}/);
    expect(shown.out).not.toContain('swordfish');
    expect((await network('--proxy-password-file', password)).code).toBe(2);
  });

  it('are refused where they make no sense, and change nothing then', async () => {
    const { node } = await institution();
    for (const proxy of ['proxy.test', 'ftp://proxy.test', 'http://proxy.test/path', 'socks5://proxy.test:1'])
      expect(() => setNetwork(node.store, { proxy })).toThrow('A proxy is given as');
    expect(() => setNetwork(node.store, { ca: 'not a certificate' })).toThrow('no certificate is in it');
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(() => setNetwork(node.store, { ca: broken })).toThrow('does not parse');
    expect(networkOf(node.store)).toEqual({ proxy: null, ca: null });
  });
});
