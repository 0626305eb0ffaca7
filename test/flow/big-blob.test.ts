// An update of 200 MB between two real processes: the line is cut twice and each end killed once, and it arrives whole.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addressFile as coordinatorAddress } from '../../coordinator/store/open.ts';
import { addressFile as nodeAddress } from '../../main/store/open.ts';
import { AdminService } from '../../shared/gen/assent/v1/admin_pb.ts';
import { decodeUtf8, encodeCanonical } from '../../shared/wire/canonical.ts';
import { layLine } from '../support/cutting-line.ts';
import { connect, lay, nodeCalls, setUpPeople, startCoordinator, startNode } from '../support/gauntlet.ts';
import { rowsCsv, smallStudy } from '../support/institution.ts';
import { PASSWORD, signPolicy } from '../support/people.ts';
import { runToEnd, type Supervised } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** One input, 16,384 and 3,049 units: 49,993,684 parameters, just within what a study may have. */
const LAYERS = [16_384, 3_049, 1].map((units) => ({ class_name: 'Dense', config: { units } }));
const MB = 1e6;
const MOST_ABOVE_REST = 300;
const turn = () => new Promise((resolve) => setTimeout(resolve, 10));

/** MB of memory of a process: what it has now, and the most it had since it started. */
function memory({ pid }: Supervised): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid()}/status`, 'utf8');
  const of = (name: string) => (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)![1]) * 1024) / MB;
  return { now: of('VmRSS'), most: of('VmHWM') };
}

test.skipIf(process.platform !== 'linux')(
  '200 MB arrive whole over a line that is cut twice, with kill -9 of either end, in little memory (read from /proc)',
  { timeout: 240_000 },
  async () => {
    const study = smallStudy(
      ['model.layers', LAYERS],
      ['algorithm', { name: 'fedsgd', learningRate: 0.1 }],
      ['cohort', { least: 1, quorum: 1 }],
      ['deadlines', { approveSeconds: 3600, sendSeconds: 3600 }],
      ['bounds', { norm: 1000 }],
      ['rounds', 1],
    );
    const g = await lay(temporaryFolder());
    const create = ['--home', g.coordinatorHome, '--passphrase-file', g.pass, 'create', '--consortium', 'test'];
    expect(await runToEnd('coordinator/cli.ts', create)).toMatchObject({ code: 0 });
    const line = await layLine(g.port);
    const coordinator = startCoordinator(g);
    await coordinator.ready();
    const coordinatorRest = memory(coordinator).now;
    const admin = () => connect(AdminService, coordinatorAddress(g.coordinatorHome));

    // Until its update is in the outbox the node trains, for which the weights have to be in memory. Then it is killed.
    const home = join(g.folder, 'north');
    const node = startNode(g, home, ['send.blob:before'], 'test/support/constant-gradient-node-process.ts');
    onTestFinished(() => Promise.all([node, coordinator].map((each) => each.stop())).then(() => {}));
    await node.ready();
    const calls = nodeCalls(nodeAddress(home));
    await setUpPeople({ process: node, calls: () => calls });
    const url = `http://127.0.0.1:${line.port}`;
    const { invitation, fingerprint } = await admin().invite({ member: 'north', name: 'North', url });
    const asked = await calls.enrol({ invitation, fingerprint });
    while (!(await admin().listMembers({})).members.some(({ state }) => state === 'enrolled')) await turn();
    await admin().admit({ member: 'north', fingerprint: asked.fingerprint });
    await admin().startStudy({ definition: decodeUtf8(encodeCanonical(study)) });
    while ((await calls.listStudies({})).studies.length === 0) await turn();
    writeFileSync(join(g.folder, 'rows.csv'), rowsCsv());
    for await (const { kind } of calls.importDataset({ path: join(g.folder, 'rows.csv'), name: 'Rows' }))
      if (kind.case === 'dataset')
        await calls.joinStudy({ study: study.id, dataset: kind.value.id, password: PASSWORD });
    // Everything before the update is small, so this holds the update's own beginning.
    const begun = line.holdAfter('up', MB);
    const before = line.passed.up;
    await signPolicy(calls, { study: study.id });
    await begun;
    expect(node.left()).toEqual([]);

    const above: Record<string, number> = {};
    let nodeRest = memory(node).now;
    const measure = (when: string) => {
      above[`node, ${when}`] = memory(node).most - nodeRest;
      above[`coordinator, ${when}`] = memory(coordinator).most - coordinatorRest;
    };
    for (const bytes of [50 * MB, 40 * MB]) {
      const cut = line.cutAfter('up', bytes);
      line.go();
      await cut;
    }
    await line.holdAfter('up', 30 * MB);
    measure('before the node is killed');
    await node.kill();
    nodeRest = memory(node).now;
    const half = line.holdAfter('up', 30 * MB);
    line.go();
    await half;
    measure('before the coordinator is killed');
    await coordinator.kill();
    const updates = join(g.coordinatorHome, 'updates', 'north');
    const arrived = () => existsSync(updates) && readdirSync(updates).some((name) => /^[0-9a-f]{64}$/.test(name));
    line.go();
    while (!arrived()) await turn();
    measure('when all of it is there');
    // It went on where it stopped: what was sent twice is what lay in the buffers of the connections that were cut.
    expect((line.passed.up - before) / MB).toBeLessThan(250);

    const status = async () => (await admin().getStatus({})).studies[0]!;
    while ((await status()).state !== 'finished') await turn();
    expect((await status()).results.map(({ result, participants }) => [result, participants])).toEqual([
      ['aggregated', ['north']],
    ]);
    above['coordinator, after the round'] = memory(coordinator).most - coordinatorRest;
    for (const [when, mb] of Object.entries(above)) expect([when, mb < MOST_ABOVE_REST || mb]).toEqual([when, true]);
  },
);
