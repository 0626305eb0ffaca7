// What stands behind a window: a store that is absent, waits for its passphrase, or is open with its node.
import { AssentError } from '../../shared/errors.ts';
import type { AssentNode } from '../node.ts';
import { storeExists } from '../store/open.ts';
import { GROUPS, newGroups, passphraseOf, sameGroup, typedPassphrase } from './sheet.ts';

/** Who keeps the passphrase between two starts. */
export type Keeper = {
  /** Shown to people: the operating system's key store, or why there is none. */
  name: string;
  /** False: the passphrase is typed at each start. */
  keeps: boolean;
  load(): Promise<string | undefined>;
  save(passphrase: string): Promise<void>;
};
export const NOBODY: Keeper = { name: '', keeps: false, load: async () => undefined, save: async () => {} };

export type Installation = {
  home: string;
  keeper: Keeper;
  state(): 'absent' | 'closed' | 'open';
  /** Throws STORE_CLOSED. */
  node(): AssentNode;
  opened: Promise<AssentNode>;
  newPassphrase(): string[];
  /** Throws SHEET_MISMATCH, STORE_EXISTS. */
  make(typed: readonly { number: number; text: string }[]): Promise<void>;
  /** Throws PASSPHRASE_WRONG, STORE_IN_USE. */
  open(passphrase: string): Promise<void>;
  /** With what the keeper kept; the person is asked where that does not open it. */
  openKept(): Promise<void>;
};

export function openInstallation(o: {
  home: string;
  keeper?: Keeper;
  openNode(passphrase: string): Promise<AssentNode>;
}): Installation {
  const { home, keeper = NOBODY } = o;
  let node: AssentNode | undefined;
  let opening = false;
  let groups: string[] = [];
  let told: (node: AssentNode) => void = () => {};
  const opened = new Promise<AssentNode>((resolve) => (told = resolve));
  const state = () => (node ? 'open' : storeExists(home) ? 'closed' : 'absent');

  async function open(passphrase: string): Promise<void> {
    if (node) return;
    if (opening) throw new AssentError('STORE_IN_USE', 'The store is being opened by another window.');
    opening = true;
    try {
      node = await o.openNode(passphrase);
    } finally {
      opening = false;
    }
    told(node);
    if (keeper.keeps) await keeper.save(passphrase);
  }

  return {
    home,
    keeper,
    state,
    node() {
      if (!node) throw new AssentError('STORE_CLOSED', 'The store of this installation is not open.');
      return node;
    },
    opened,
    newPassphrase() {
      if (state() !== 'absent') throw new AssentError('STORE_EXISTS', `There is a store in ${home} already.`);
      groups = newGroups();
      return groups;
    },
    async make(typed) {
      if (state() !== 'absent') throw new AssentError('STORE_EXISTS', `There is a store in ${home} already.`);
      const right = ({ number, text }: { number: number; text: string }) =>
        groups.length === GROUPS && sameGroup(text, groups[number - 1]!);
      if (new Set(typed.map(({ number }) => number)).size !== 2 || !typed.every(right))
        throw new AssentError('SHEET_MISMATCH', 'The groups typed are not those of the recovery sheet.');
      const passphrase = passphraseOf(groups);
      await open(passphrase);
      groups = [];
    },
    open: (passphrase) => open(typedPassphrase(passphrase)),
    async openKept() {
      const kept = state() === 'closed' ? await keeper.load() : undefined;
      if (kept === undefined) return;
      try {
        await open(kept);
      } catch (error) {
        if (!(error instanceof AssentError && error.code === 'PASSPHRASE_WRONG')) throw error;
      }
    },
  };
}

/** A node that somebody opened otherwise. */
export function openedInstallation(node: AssentNode): Installation {
  const { home } = node.store;
  const refuse = (): never => {
    throw new AssentError('STORE_EXISTS', `The store in ${home} is open.`);
  };
  return {
    home,
    keeper: NOBODY,
    state: () => 'open',
    node: () => node,
    opened: Promise.resolve(node),
    newPassphrase: refuse,
    make: async () => refuse(),
    open: async () => {},
    openKept: async () => {},
  };
}
