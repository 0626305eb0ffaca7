// How fast an update of 200 MB gets from a node's file to the coordinator's, against a bare Node HTTP upload in the same run
// that hashes and writes to the disk and does nothing else: no resuming, signatures, quotas or checks.
import { fork } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressFile } from '../coordinator/store/open.ts';
import { openLedger } from '../main/audit/ledger.ts';
import { openStore, type NodeJournal } from '../main/store/open.ts';
import { coordinatorClient } from '../main/sync/client.ts';
import { openNetwork } from '../main/sync/network.ts';
import { noted, openOutbound } from '../main/sync/outbound.ts';
import { openBlobFiles } from '../platform/blob-files.ts';
import { createSha256 } from '../platform/crypto.ts';
import { AdminService } from '../shared/gen/assent/v1/admin_pb.ts';
import { parseStudy } from '../shared/study/study.ts';
import { decodeUtf8, encodeCanonical, toHex } from '../shared/wire/canonical.ts';
import { changedStudy } from '../test/support/example-study.ts';
import { connect, lay, startCoordinator } from '../test/support/gauntlet.ts';
import { runToEnd } from '../test/support/processes.ts';
import { signingMember } from '../test/support/signing-member.ts';
import { describe, print } from './figures.ts';

const BYTES = 199_900_000;
const RUNS = 4;

if (process.argv[2] === 'bare-server') await bareServer(process.argv[3]!);
else await main();

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assent-bench-'));
  const bare = fork(import.meta.filename, ['bare-server', folder]);
  const g = await lay(folder);
  const created = await runToEnd('coordinator/cli.ts', [
    '--home',
    g.coordinatorHome,
    '--passphrase-file',
    g.pass,
    'create',
    '--consortium',
    'bench',
  ]);
  if (created.code !== 0) throw new Error(created.output);
  const coordinator = startCoordinator(g);
  try {
    await coordinator.ready();
    const barePort = await new Promise<number>((resolve) => bare.once('message', resolve));
    const store = await openStore(join(folder, 'store'), 'correct horse battery', Date.now);
    const client = await approvedMember(g, store.journal);
    const blobs = openBlobFiles(join(folder, 'north'));
    const speeds: { bare: number; assent: number }[] = [];
    for (let run = 0; run <= RUNS; run++) {
      const block = new Uint8Array(BYTES / 100).map((_, i) => (i * 31 + run) & 255);
      const { hash } = await blobs.write(repeat(block, 100));
      const file = join(folder, 'north', hash);
      const signal = AbortSignal.timeout(120_000);
      const speed = {
        bare: await speedOf(() => bareUpload(barePort, file)),
        assent: await speedOf(() => client.upload(hash, blobs, signal)),
      };
      await blobs.remove(hash);
      if (run > 0) speeds.push(speed); // the first one warms both up
    }
    report(speeds);
  } finally {
    bare.kill();
    await coordinator.stop();
    rmSync(folder, { recursive: true });
  }
}

/** A member that has approved an open round of a study with updates of about 200 MB. */
async function approvedMember(g: Awaited<ReturnType<typeof lay>>, journal: NodeJournal) {
  const layers = [16_384, 3_049, 1].map((units) => ({ class_name: 'Dense', config: { units } }));
  const x = { name: 'x', label: { en: 'x', zh: 'x' }, kind: 'number', range: [0, 1], mean: 0, sd: 1 };
  const study = parseStudy(
    changedStudy(
      ['schema.features', [{ ...x, missing: { value: 0, indicator: false } }]],
      ['model.layers', layers],
      ['cohort', { least: 1, quorum: 1 }],
    ),
  );
  const url = `http://127.0.0.1:${g.port}`;
  const admin = connect(AdminService, addressFile(g.coordinatorHome));
  const member = signingMember({ id: 'north', url, consortium: 'bench', now: Date.now });
  await member.enrol((await admin.invite({ member: 'north', name: 'North' })).invitation);
  await admin.admit({ member: 'north', fingerprint: member.fingerprint });
  await admin.startStudy({ definition: decodeUtf8(encodeCanonical(study)) });
  await member.join(study);
  while (!(await member.events()).some(({ kind }) => kind.case === 'plan'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  await member.decide(await member.plan());
  const who = { consortium: 'bench', member: 'north', url, keys: member.keys, admitted: true, watched: 0 };
  const ledger = openLedger({ journal, now: Date.now });
  const network = openNetwork(() => ({ proxy: null, ca: null }), {}, noted(ledger, { purpose: 'tunnel' }, 0));
  return coordinatorClient(
    url,
    openOutbound(() => who, member.signer, Date.now, network, ledger),
  );
}

/** MB/s. */
async function speedOf(upload: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await upload();
  return BYTES / 1e3 / (performance.now() - started);
}

function report(speeds: readonly { bare: number; assent: number }[]): void {
  const ratios = speeds.map(({ bare, assent }) => assent / bare);
  print(
    ['MB/s', 'bare upload', 'assent', 'ratio'],
    speeds.map(({ bare, assent }, i) => [`run ${i + 1}`, bare, assent, ratios[i]!]),
  );
  const { mean } = describe(ratios);
  console.log(
    `Assent moves a 200 MB update at ${mean.toFixed(2)} times the speed of a bare upload (at least 0.5 wanted).`,
  );
  console.log(JSON.stringify({ bench: 'blobs', bytes: BYTES, ratio: mean, runs: speeds }));
  if (mean < 0.5) process.exitCode = 1;
}

async function* repeat(block: Uint8Array, times: number): AsyncIterable<Uint8Array> {
  for (let i = 0; i < times; i++) yield block;
}

function bareUpload(port: number, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': BYTES };
    const sent = request({ host: '127.0.0.1', port, method: 'PUT', headers }, (answer) => {
      answer.resume().on('end', () => resolve());
    });
    sent.on('error', reject);
    createReadStream(file, { highWaterMark: 256 * 1024 }).pipe(sent);
  });
}

/** Hashes and writes what comes, and answers with the hash once all of it is on the disk. */
async function bareServer(folder: string): Promise<void> {
  const server = createServer((asked, answer) => {
    void (async () => {
      const sum = createSha256();
      const file = await open(join(folder, 'bare'), 'w');
      for await (const piece of asked as AsyncIterable<Uint8Array>) {
        sum.update(piece);
        await file.write(piece);
      }
      await file.sync();
      await file.close();
      answer.end(toHex(sum.digest()));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.send!((server.address() as { port: number }).port);
}
