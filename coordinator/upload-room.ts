// How much of a member's uploads is on the disk before any of it counts: as much as the rounds take that it approved.
import { AssentError } from '../shared/errors.ts';
import type { Conductor } from './conductor.ts';
import { formsOf } from './plan.ts';
import type { Store } from './store/open.ts';

type RoomDeps = { store: Store; conductor: Conductor };
export type UploadRoom = {
  /** Of each open round that the member has approved: the bytes of its update. */
  sizes(member: string): number[];
  /**
   * Makes room for a blob of `length` bytes, then begins with it: the oldest uploads that do not count go, also ones that
   * still come. Throws BLOB_SIZE when there can be no room, and what `begin` throws.
   */
  receive<T>(member: string, hash: string, length: number, begin: () => Promise<T>): Promise<T>;
};

export function openUploadRoom({ store, conductor }: RoomDeps): UploadRoom {
  const turns = new Map<string, Promise<void>>();
  /** What uploads were said to come to, so that several at a time cannot grow past the quota together. */
  const announced = new Map<string, number>();

  const sizes = (member: string): number[] =>
    conductor
      .all()
      .filter(({ state: { open } }) => open?.stage === 'collecting' && open.seats[member]?.status === 'approved')
      .map(({ study }) => formsOf(study).update.size);

  async function clear(member: string, coming: string, length: number): Promise<void> {
    const quota = sizes(member).reduce((sum, size) => sum + size, 0);
    if (length > quota)
      throw new AssentError('BLOB_SIZE', `${length} bytes are more than the ${quota} that the open rounds allow.`, {
        most: String(quota),
      });
    const files = store.updates(member);
    const counted = (hash: string) =>
      store.journal.read.get('select 1 from statement where member = ? and blob = ?', member, hash) !== undefined;
    const spare = (await files.list()).filter(({ hash }) => hash !== coming && !counted(hash));
    const sizeOf = ({ hash, bytes }: { hash: string; bytes: number }) =>
      Math.max(bytes, announced.get(`${member}/${hash}`) ?? 0);
    let total = spare.reduce((sum, blob) => sum + sizeOf(blob), length);
    for (const blob of spare) {
      if (total <= quota) break;
      total -= sizeOf(blob);
      announced.delete(`${member}/${blob.hash}`);
      await files.remove(blob.hash);
    }
    announced.set(`${member}/${coming}`, length);
    // From here on the next in turn sees it.
    if ((await files.uploaded(coming)) === 0) await files.append(coming, 0, length, nothing());
  }

  return {
    sizes,
    async receive(member, hash, length, begin) {
      let coming: ReturnType<typeof begin> | undefined;
      const turn = (turns.get(member) ?? Promise.resolve())
        .catch(() => {})
        .then(() => clear(member, hash, length))
        // Begun within the turn, so that whoever comes next can end it.
        .then(() => void (coming = begin()));
      turns.set(member, turn);
      await turn;
      return await coming!;
    },
  };
}

async function* nothing(): AsyncIterable<Uint8Array> {}
