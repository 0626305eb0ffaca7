// What each member has sent: one thing at a time a member, and which of its files no accepted update names yet.
import type { BlobFiles } from '../../platform/blob-files.ts';
import type { Reader } from '../../platform/journal.ts';

export type Uploads = {
  /**
   * Runs after whatever this member began before, so that nothing changes between a look at its files and what follows
   * from it. For short work on our own disk only: who waits for a network in here stops all other calls of the member.
   */
  inTurn<T>(member: string, work: () => Promise<T>): Promise<T>;
  /** In turn, as all below: before an upload. Of the others that do not count, the oldest go until `others` are left. */
  makeRoom(member: string, coming: string, others: number): Promise<void>;
  /** An accepted update names this file now: it stays. */
  keep(member: string, hash: string): void;
  /** Removes all that no accepted update names. */
  sweep(member: string): Promise<void>;
};

export function openUploads(read: Reader, updates: (member: string) => BlobFiles): Uploads {
  const last = new Map<string, Promise<void>>();
  // Read from the disk once a member; from then on only what comes and goes is looked at, however much was kept before.
  const spares = new Map<string, Set<string>>();

  async function spareOf(member: string): Promise<Set<string>> {
    const known = spares.get(member);
    if (known) return known;
    const found = (await updates(member).list()).map(({ hash }) => hash);
    const spare = new Set(found.filter((hash) => !isNamed(member, hash)));
    spares.set(member, spare);
    return spare;
  }
  const isNamed = (member: string, hash: string): boolean =>
    read.get('select 1 from statement where member = ? and blob = ?', member, hash) !== undefined;

  async function removeOldest(member: string, spare: Set<string>, left: number): Promise<void> {
    for (const hash of [...spare].slice(0, Math.max(0, spare.size - left))) {
      await updates(member).remove(hash);
      spare.delete(hash);
    }
  }

  return {
    inTurn(member, work) {
      const done = (last.get(member) ?? Promise.resolve()).then(work);
      const ended = done.then(
        () => {},
        () => {},
      );
      last.set(member, ended);
      void ended.then(() => last.get(member) === ended && last.delete(member));
      return done;
    },
    async makeRoom(member, coming, others) {
      const spare = await spareOf(member);
      spare.delete(coming);
      await removeOldest(member, spare, others);
      if (!isNamed(member, coming)) spare.add(coming);
    },
    keep: (member, hash) => void spares.get(member)?.delete(hash),
    sweep: async (member) => removeOldest(member, await spareOf(member), 0),
  };
}
