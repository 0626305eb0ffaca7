import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openNode } from '../../../main/node.ts';
import { openInstallation, type Installation, type Keeper } from '../../../main/window/installation.ts';
import { leastSquares } from '../../support/least-squares-trainer.ts';
import { temporaryFolder } from '../../support/temporary.ts';

function installation(home: string, keeper?: Keeper): Installation {
  const made = openInstallation({
    home,
    ...(keeper && { keeper }),
    openNode: (passphrase) => openNode({ home, passphrase, openProblem: leastSquares }),
  });
  onTestFinished(async () => {
    if (made.state() === 'open') await made.node().close();
  });
  return made;
}
const typedFrom = (groups: string[], ...numbers: number[]) =>
  numbers.map((number) => ({ number, text: groups[number - 1]! }));

test('a store is made only once two groups were typed from the printed sheet', async () => {
  const one = installation(join(temporaryFolder(), 'home'));
  expect(one.state()).toBe('absent');
  expect(() => one.node()).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }) as Error);
  const groups = one.newPassphrase();
  expect(groups.map((group) => /^[0-9a-hj-km-np-tv-z]{5}$/.test(group))).toEqual(Array.from({ length: 8 }, () => true));
  for (const typed of [
    typedFrom(groups, 1, 1),
    [{ number: 1, text: groups[1]! }, ...typedFrom(groups, 2)],
    [{ number: 3, text: '' }, ...typedFrom(groups, 2)],
  ])
    await expect(one.make(typed)).rejects.toMatchObject({ code: 'SHEET_MISMATCH' });
  expect(one.state()).toBe('absent');
  const [third, eighth] = typedFrom(groups, 3, 8);
  // As a person types it: in capitals, an o for a zero.
  await one.make([{ ...third!, text: ` ${third!.text.toUpperCase().replaceAll('0', 'O')}` }, eighth!]);
  expect(one.state()).toBe('open');
  expect(() => one.newPassphrase()).toThrow(expect.objectContaining({ code: 'STORE_EXISTS' }) as Error);
});

test('the passphrase of the sheet opens the store again, however it is spaced; another one does not', async () => {
  const home = join(temporaryFolder(), 'home');
  const first = installation(home);
  const groups = first.newPassphrase();
  await first.make(typedFrom(groups, 1, 2));
  await first.node().close();
  const again = installation(home);
  expect(again.state()).toBe('closed');
  await expect(again.open(groups.toReversed().join(' '))).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
  await again.open(groups.join('').toUpperCase());
  expect(again.state()).toBe('open');
});

test('what the system’s key store kept opens the store; what it lost is asked for', async () => {
  const home = join(temporaryFolder(), 'home');
  let kept: string | undefined;
  const keeper: Keeper = {
    name: 'a key store',
    keeps: true,
    load: async () => kept,
    save: async (passphrase) => void (kept = passphrase),
  };
  const first = installation(home, keeper);
  await first.make(typedFrom(first.newPassphrase(), 1, 2));
  await first.node().close();
  const right = kept!;
  for (const wrong of [undefined, 'another passphrase']) {
    kept = wrong;
    const asked = installation(home, keeper);
    await asked.openKept();
    expect(asked.state()).toBe('closed');
  }
  kept = right;
  const opened = installation(home, keeper);
  await opened.openKept();
  expect(opened.state()).toBe('open');
});
