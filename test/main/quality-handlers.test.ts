import { createClient, createRouterTransport } from '@connectrpc/connect';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importFile } from '../../main/data/import.ts';
import { createHandlers } from '../../main/handlers.ts';
import { NodeService } from '../../shared/gen/assent/v1/node_pb.ts';
import { servingOptions } from '../../shared/rpc/serving.ts';
import { institution } from '../support/institution.ts';

async function bring() {
  const { node, home, kinds } = await institution();
  const path = join(home, 'many.csv');
  writeFileSync(path, `id,y\n${Array.from({ length: 30_000 }, (_, i) => `${i},${i % 2}`).join('\n')}\n`);
  const { id: dataset } = await importFile(node.data, { path, name: 'Many' });
  const transport = createRouterTransport(({ service }) => service(NodeService, createHandlers(node)), {
    router: servingOptions,
  });
  return { calls: createClient(NodeService, transport), dataset, kinds };
}

/** Leaves the call at its first progress. */
async function left(ask: (signal: AbortSignal) => AsyncIterable<{ kind: { case?: string | undefined } }>) {
  const stop = new AbortController();
  await expect(async () => {
    for await (const { kind } of ask(stop.signal)) if (kind.case === 'progress') stop.abort();
  }).rejects.toThrow('[canceled]');
}

test('who leaves a report or a withdrawal while it is made ends the work on it', async () => {
  const { calls, dataset, kinds } = await bring();
  await left((signal) => calls.getQuality({ dataset, target: 'y' }, { signal }));
  await left((signal) => calls.withdrawRows({ dataset, idColumn: 'id', ids: ['7'] }, { signal }));
  // Work that had gone on would be done before this report, which begins after it and takes longer.
  let rows = 0n;
  for await (const { kind } of calls.getQuality({ dataset })) if (kind.case === 'report') ({ rows } = kind.value);
  expect(rows).toBe(30_000n);
  expect(kinds().slice(-2)).toEqual(['dataset.imported', 'quality.kept']);
});
