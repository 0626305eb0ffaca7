import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verifyCommand } from '../../../platform/assent-verify.ts';
import { PASSPHRASE } from '../../support/institution.ts';
import { sentRound, type SentRound } from '../../support/receipt-coordinator.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { terminal } from '../../support/terminal.ts';

/** Ann's commands on the store that the test has made. */
async function closed({ node, home }: SentRound) {
  await node.close();
  const { run } = terminal(undefined, { home, passphrase: PASSPHRASE });
  return {
    run: (...argv: string[]) => run(['--as', 'ann', ...argv]),
    file: join(temporaryFolder(), 'receipt.json'),
  };
}

/** The coordinator logs and shows what is right. */
function honest(here: SentRound): void {
  const records = here.close();
  const [accepted, aggregated] = [here.log.append(records.accepted()), here.log.append(records.aggregated())];
  const logged = (index: number) => ({ record: here.log.record(index), proof: here.log.proof(index) });
  here.answers.receipt = () => ({ accepted: logged(accepted), aggregated: logged(aggregated), consistency: [] });
}

test('a person reads what a receipt shows and what not, and hands it on', async () => {
  const here = await sentRound();
  honest(here);
  await here.collect();
  const { run, file } = await closed(here);
  const receipt = await run('receipt', 'small', '1', '--out', file);
  expect(receipt.err).toBe('');
  expect(receipt.out).toMatch(
    /^logged: verified, 2026-\S+\n {2}Record 0 of the coordinator’s log counts the update .* weight \d+/,
  );
  expect(receipt.out).toContain('It does not say that the aggregate was computed from the update.');
  expect((await run('receipt', 'small', '1', '--locale', 'zh')).out).toMatch(/协调方日志的第 0 条记录/);
  const [, key] = /assent-verify \S+ --key (\S+)\n$/.exec(receipt.out)!;
  expect(await verifyCommand([file, '--key', key!])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^OK: .*signed by/),
  });
  // The same bytes whenever it is written.
  const first = readFileSync(file);
  await run('receipt', 'small', '1', '--out', file);
  expect(readFileSync(file)).toEqual(first);

  expect((await run('rounds')).out).toMatch(/small +1 +1 +sent +aggregated +logged /);
  expect((await run('show', 'small', '1')).out).toContain('Receipt: logged (assent-node receipt small 1)');
  expect((await run('status')).out).toMatch(/Receipts +none refused\n/);
});

test('a receipt that is refused is shown wherever one looks', async () => {
  const here = await sentRound();
  here.close();
  await here.collect();
  const { run, file } = await closed(here);
  expect((await run('status')).out).toMatch(/Receipts +1 REFUSED \(assent-node rounds\)/);
  expect((await run('rounds')).out).toMatch(/aggregated +REFUSED /);
  expect((await run('show', 'small', '1')).out).toContain('Receipt: REFUSED');
  const { out } = await run('receipt', 'small', '1', '--out', file);
  expect(out).toMatch(/^logged: REFUSED \(RECEIPT_WITHHELD\), /);
  expect(await verifyCommand([file])).toMatchObject({ code: 1, out: expect.stringMatching(/RECEIPT_WITHHELD/) });
});

test('a receipt that is owed says so, and one that is not is not there', async () => {
  const here = await sentRound();
  here.close();
  const { run, file } = await closed(here);
  expect((await run('receipt', 'small', '1')).out).toMatch(/^logged: due\n {2}Not there yet/);
  expect((await run('receipt', 'small', '1', '--out', file)).err).toContain('still owes the receipt');
  expect((await run('status')).out).toMatch(/none refused, 1 still owed by the coordinator/);
  const open = await closed(await sentRound());
  expect((await open.run('receipt', 'small', '1')).err).toContain('[RECEIPT_UNKNOWN]');
});
