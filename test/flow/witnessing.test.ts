// Logs that are witnessed by those who do not trust their owners: a real coordinator, three real nodes, real HTTP.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportFolder } from '../../main/cli/audit-commands.ts';
import { verifyCommand } from '../../platform/assent-verify.ts';
import type { Reader } from '../../platform/journal.ts';
import { rowsCsv, smallStudy } from '../support/institution.ts';
import { eventually, startConsortium, type Consortium, type Member } from '../support/live-consortium.ts';

const IDS = ['alpha', 'beta', 'gamma'];
const study = smallStudy(['cohort', { least: 3, quorum: 3 }]);
const rows = Object.fromEntries(IDS.map((id, at) => [id, rowsCsv(40 + at)]));
const witnessesOf = (id: string) => ['coordinator', ...IDS].filter((other) => other !== id);

/** Until every log has come to rest, with nothing left to record, and its last checkpoint is cosigned by all who are asked. */
async function atRest({ coordinator, members, until }: Consortium): Promise<void> {
  await until(({ state }) => state === 'finished');
  const counts = (read: Reader, kind: string, n: number) =>
    read.all('select 1 from record where kind = ?', kind).length === n;
  const done = ({ node, calls }: Member) =>
    counts(node.store.journal.read, 'receipt.verified', study.rounds) &&
    calls.getModels({ study: study.id }).then(({ consortium }) => consortium !== undefined);
  for (const member of members) await eventually(async () => done(member));
  const logs = [coordinator, ...members.map(({ node }) => node)];
  await eventually(async () =>
    logs.every(({ store: { journal }, anchoring }) => {
      const { by, size } = anchoring.state();
      const last = journal.read.get<{ size: number }>('select max(size) as size from checkpoint')!;
      return by.length === 3 && size === last.size;
    }),
  );
}

test('each institution’s log ends anchored by the coordinator and the two others, the coordinator’s by three institutions', async () => {
  const consortium = await startConsortium({ study, rows });
  const { folder, members, admin } = consortium;
  await atRest(consortium);
  for (const { id, calls } of members) {
    const { anchor, records } = await calls.getStatus({});
    expect(anchor).toMatchObject({ by: witnessesOf(id), of: 3, stale: false, code: '', message: '' });
    expect(Number(anchor!.size)).toBeLessThanOrEqual(records);
    const { witnessed, alarms } = await calls.listAnchors({});
    expect(witnessed.map(({ member }) => member)).toEqual(witnessesOf(id).toSorted());
    expect(alarms).toEqual([]);
  }
  expect((await admin.getStatus({})).anchor).toMatchObject({ by: IDS, of: 3, code: '' });

  // An export is a record first, and is cosigned at exactly its size.
  for (const { id, calls } of members) {
    const out = join(folder, `${id}-audit`);
    const { size, anchoredBy, missing } = await exportFolder(calls, out);
    expect({ anchoredBy, missing }).toEqual({ anchoredBy: witnessesOf(id), missing: [] });
    const entries = readFileSync(join(out, 'entries.jsonl'), 'utf8').trimEnd().split('\n');
    expect([entries.length, JSON.parse(entries.at(-1)!)]).toMatchObject([Number(size), { kind: 'log.exported' }]);
    // The trust policy that comes with it asks for two of the three; the names say who they are.
    const verified = await verifyCommand([out, '--policy', join(out, 'trust.policy'), '--json']);
    const { signers } = JSON.parse(verified.out) as { signers: { name: string; type: number }[] };
    expect(verified.code).toBe(0);
    expect(signers.filter(({ type }) => type === 4).map(({ name }) => name)).toEqual(
      witnessesOf(id)
        .map((witness) => `test/${witness}`)
        .toSorted(),
    );
  }
  const out = join(folder, 'coordinator-audit');
  expect(await admin.exportLog({ folder: out })).toMatchObject({ anchoredBy: IDS, missing: [] });
  expect(await verifyCommand([out, '--policy', join(out, 'trust.policy')])).toMatchObject({ code: 0 });
});

test('what witnesses say to each other makes no record: when nothing else happens, nobody’s log grows', async () => {
  const consortium = await startConsortium({ study, rows });
  const { members, coordinator } = consortium;
  await atRest(consortium);
  const logs = (): Reader[] => [coordinator.store.journal.read, ...members.map(({ node }) => node.store.journal.read)];
  const sizes = () =>
    logs().map((read) => [
      read.get<{ n: number }>('select count(*) as n from record')!.n,
      read.get<{ n: number }>('select count(*) as n from checkpoint')!.n,
    ]);
  const before = sizes();
  // Everybody is asked once more, at the sizes that are anchored already.
  for (const { node } of members) node.anchoring.anchors.pin(0).release();
  coordinator.letters.announce();
  for (const { node } of members) await node.anchoring.letters.exchange(new AbortController().signal);
  await atRest(consortium);
  expect(sizes()).toEqual(before);
});
