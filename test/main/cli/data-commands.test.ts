import { expect, test } from 'vitest';
import { stewardTerminal } from '../../support/terminal.ts';

const NUMBERS = `id,n\n${Array.from({ length: 20_000 }, (_, i) => `P-${i},${i % 50}`).join('\n')}\n`;

async function imported() {
  const { run, file } = await stewardTerminal();
  const done = await run(['import', file('rows.csv', NUMBERS), '--name', 'Rows', '--id-column', 'id']);
  return { run, file, id: /ds-[0-9a-f]{16}/.exec(done.out)![0] };
}

/** Ctrl-C at the first line of progress. */
function interrupted(run: Awaited<ReturnType<typeof imported>>['run'], argv: string[]) {
  const stop = new AbortController();
  return run(argv, () => stop.abort(), stop.signal);
}

test('a quality report tells its progress, and one that is interrupted is not kept', async () => {
  const { run, id } = await imported();
  const stopped = await interrupted(run, ['quality', id]);
  expect([stopped.code, stopped.out]).toEqual([1, '']);
  expect(stopped.err).toContain('[CANCELED]');
  const done = await run(['quality', id]);
  expect(done.out).toMatch(/^20000 rows$/m);
  expect(done.err).toMatch(/^measuring: 40 %, 8192 rows$/m);
  expect(done.err).toMatch(/^counting: 100 %, 20000 rows$/m);
  expect((await run(['quality', id])).err).toBe(''); // the report was kept
});

test('a withdrawal tells its progress, and one that is interrupted takes no row out', async () => {
  const { run, file, id } = await imported();
  const withdraw = ['withdraw', id, '--ids', file('ids.txt', 'P-3\nP-8192\nP-x\n'), '--id-column', 'id'];
  const stopped = await interrupted(run, withdraw);
  expect([stopped.code, stopped.out]).toEqual([1, '']);
  expect(stopped.err).toContain('[CANCELED]');
  expect((await run(['snapshots', id])).out).toMatch(/^1 +\S+ +20000 +0 +\w{64}\n$/m);
  const done = await run(withdraw);
  expect(done.out).toMatch(/^Withdrew 2 rows; 2 of 3 ids were there\. 19998 rows are left\.$/m);
  expect(done.err).toMatch(/^copying: 100 %, 20000 rows$/m);
});
