import { createClient, createRouterTransport } from '@connectrpc/connect';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mappingCommands } from '../../../main/cli/mapping-commands.ts';
import { importFile } from '../../../main/data/import.ts';
import { createHandlers } from '../../../main/handlers.ts';
import { NodeService } from '../../../shared/gen/assent/v1/node_pb.ts';
import { servingOptions } from '../../../shared/rpc/serving.ts';
import { institution, type Institution } from '../../support/institution.ts';

/** A command of mappings on a node that has joined a study. */
function commandsOf({ node, home }: Institution) {
  const transport = createRouterTransport(({ service }) => service(NodeService, createHandlers(node)), {
    router: servingOptions,
  });
  const context = { home, node: undefined, calls: createClient(NodeService, transport), passphrase: async () => '' };
  return async (name: string, args: string[], values: Record<string, string>) => {
    let out = '';
    const signal = new AbortController().signal;
    const io = { out: (text: string) => void (out += text), err: () => {}, env: {}, ask: undefined, signal };
    await mappingCommands[name]!.run(context, args, values, io);
    return out;
  };
}

test('a draft is written once, before what it leaves open is named, and then belongs to the person', async () => {
  const here = await institution();
  const run = commandsOf(here);
  const path = join(here.home, 'other.csv');
  writeFileSync(path, 'size,outcome,ward\n1,good,a\n2,bad,b\n');
  const { id: dataset } = await importFile(here.node.data, { path, name: 'Other' });
  const draft = join(here.home, 'draft.json');
  await expect(run('check', ['small'], { dataset, draft })).rejects.toThrow('the target must be mapped');
  const written = readFileSync(draft, 'utf8');
  expect(Object.keys((JSON.parse(written) as { columns: object }).columns)).toEqual(['x', 'y']);
  await expect(run('check', ['small'], { dataset, draft })).rejects.toMatchObject({ code: 'FILE_EXISTS' });

  const mapping = join(here.home, 'mapping.json');
  writeFileSync(
    mapping,
    written.replace('"column": ""', '"column": "size"').replace('"column": ""', '"column": "outcome"'),
  );
  const out = await run('check', ['small'], { dataset, mapping, draft: join(here.home, 'second.json') });
  expect(out).toMatch(
    /^Wrote .*second\.json: say what "" stands for in 2 local values\.\nLocal columns without use: ward \(category\)\n/,
  );
  expect(out).toMatch(/y +<- outcome +no category of the study: "good", "bad"; the study wants one of "absent", /);
  expect(out).toMatch(/^0 of 2 rows can be used\.$/m);
});
