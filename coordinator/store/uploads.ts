// What each member has sent: one thing at a time a member, and which of its files no accepted update names yet.
import type { BlobFiles } from '../../platform/blob-files.ts';
import type { Reader } from '../../platform/journal.ts';

export type Uploads = {
  /**
   * Runs after whatever this member began before, so that nothing changes between a look at its files and what follows
   * from it. For short work on our own disk only: who waits for a network in here stops all other calls of the member.
   */
  inTurn<T>(member: string, work: () => Promise<T>): Promise<T>;
  /**
   * In turn, as all below: before an upload, also of a further piece. Of the others that do not count the oldest go, even
   * while they come, until there are no more, and no more bytes of them, than the member has to send: updates of `sizes`.
   * Each is taken for what it was said to come to, so that several at a time cannot grow past that together.
   */
  makeRoom(member: string, coming: { hash: string; bytes: number }, sizes: readonly number[]): Promise<void>;
  /** An accepted update names this file now: it stays while its round may still be, or was, aggregated. */
  keep(member: string, hash: string): void;
  /** The update that named this file was of a round that came to nothing. */
  release(member: string, hash: string): Promise<void>;
  /** Removes all that does not count. */
  sweep(member: string): Promise<void>;
};

/** Hash and bytes of what does not count, the oldest first. */
type Spare = Map<string, number>;

export function openUploads(read: Reader, updates: (member: string) => BlobFiles): Uploads {
  const last = new Map<string, Promise<void>>();
  // Read from the disk once a member; from then on only what comes and goes is looked at, however much was kept before.
  const spares = new Map<string, Spare>();

  async function spareOf(member: string): Promise<Spare> {
    const known = spares.get(member);
    if (known) return known;
    const found = await updates(member).list();
    const spare = new Map(found.filter(({ hash }) => !counts(member, hash)).map(({ hash, bytes }) => [hash, bytes]));
    spares.set(member, spare);
    return spare;
  }
  const counts = (member: string, hash: string): boolean =>
    read.get(
      `select 1 from statement join round using (study, round, attempt)
       where member = ? and blob = ? and result is not 'aborted'`,
      member,
      hash,
    ) !== undefined;

  async function removeOldest(member: string, spare: Spare, left: { blobs: number; bytes: number }): Promise<void> {
    let bytes = sumOf(spare.values());
    for (const [hash, each] of spare) {
      if (spare.size <= left.blobs && bytes <= left.bytes) return;
      await updates(member).remove(hash);
      spare.delete(hash);
      bytes -= each;
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
    async makeRoom(member, { hash, bytes }, sizes) {
      if (counts(member, hash)) return;
      const spare = await spareOf(member);
      // What is there of it may be more than is said now.
      const most = Math.max(bytes, spare.get(hash) ?? 0);
      spare.delete(hash);
      await removeOldest(member, spare, { blobs: sizes.length - 1, bytes: sumOf(sizes) - most });
      spare.set(hash, most);
    },
    keep: (member, hash) => void spares.get(member)?.delete(hash),
    async release(member, hash) {
      if (counts(member, hash)) return;
      await updates(member).remove(hash);
      spares.get(member)?.delete(hash);
    },
    sweep: async (member) => removeOldest(member, await spareOf(member), { blobs: 0, bytes: 0 }),
  };
}

const sumOf = (sizes: Iterable<number>): number => [...sizes].reduce((sum, bytes) => sum + bytes, 0);
