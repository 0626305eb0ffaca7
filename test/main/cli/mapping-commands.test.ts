import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../../main/cli/commands.ts';
import type { SignedIn } from '../../../main/cli/signing-in.ts';
import { importFile } from '../../../main/data/import.ts';
import { joinedStudyOf } from '../../../main/store/rounds.ts';
import { standingPolicy } from '../../support/deciding.ts';
import { institution, rowsCsv, type Institution } from '../../support/institution.ts';
import { callsWithin, PASSWORD } from '../../support/people.ts';

/** Commands on a node that has joined a study; each answers what it wrote. */
function commandsOf({ node }: Institution) {
  const signedIn: SignedIn = {
    interceptor: (next) => next,
    login: () => undefined,
    password: async () => PASSWORD,
    begin: async () => {},
    end: async () => {},
    keep() {},
    forget() {},
  };
  const context = { node: undefined, calls: callsWithin(node), signedIn, running: true, home: undefined };
  return async (name: string, args: string[], values: Record<string, string>) => {
    let out = '';
    const signal = new AbortController().signal;
    const io = { out: (text: string) => void (out += text), err: () => {}, env: {}, ask: undefined, signal };
    await commands[name]!.run(context, args, values, io);
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

test('a study is moved to a newer file, and then the older one can be deleted', async () => {
  const here = await institution();
  const run = commandsOf(here);
  const { read } = here.node.store.journal;
  const { dataset: older } = joinedStudyOf(read, 'small');
  await standingPolicy(here);
  const path = join(here.home, 'newer.csv');
  writeFileSync(path, rowsCsv(60));
  const { id: dataset } = await importFile(here.node.data, { path, name: 'Newer' });
  const remove = () => run('delete-dataset', [older], {});
  await expect(remove()).rejects.toThrow('is in use by study small');
  const said = await run('move', ['small'], { dataset });
  expect(said).toMatch(/^You sign: What leaves: now, nothing\. .*\n/);
  expect(said.slice(said.indexOf('\n') + 1)).toBe(
    `Moved small to ${dataset}: 60 of 60 rows can be used.\nRounds that were approved before need a new approval.\nThe standing policy ended with the old data set. Sign another: assent-node policy small\n`,
  );
  await remove();
  expect(joinedStudyOf(read, 'small').dataset).toBe(dataset);
});
