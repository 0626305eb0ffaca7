// Who keeps a log and witnesses others in a consortium: the coordinator by its own keys, the members by those of the latest
// directory that it signed. Both programs keep the directories in a table of that name.
import type { Keys } from '../shared/records/fields.ts';
import { directoryRecord, type Directory } from '../shared/records/membership.ts';
import { verifierKey, type VerifierKey } from '../shared/transparency/verifier-key.ts';
import { encodeUtf8, fromHex, toHex } from '../shared/wire/canonical.ts';
import { primitives, sha256 } from './crypto.ts';
import type { Reader } from './journal.ts';
import { logKey } from './log-origin.ts';

/** `id` is the member's, or COORDINATOR. */
export type Party = { id: string; log: VerifierKey; witness: VerifierKey };

/** No member may have this id. */
export const COORDINATOR = 'coordinator';

/** The name under which a party cosigns. */
export const witnessKey = (consortium: string, id: string, publicKey: Uint8Array): VerifierKey =>
  verifierKey(primitives, `${consortium}/${id}`, 4, publicKey);

const partyOf = (consortium: string, id: string, keys: Keys): Party => ({
  id,
  log: logKey(fromHex(keys.log)),
  witness: witnessKey(consortium, id, fromHex(keys.witness)),
});

/** As a directory has them. Whoever calls knows that the coordinator signed it, and its keys. */
export const partiesOf = ({
  consortium,
  coordinator,
  members,
}: Pick<Directory, 'consortium' | 'coordinator' | 'members'>): Party[] => [
  partyOf(consortium, COORDINATOR, coordinator),
  // A member of that name would speak for the coordinator.
  ...members.filter(({ id }) => id !== COORDINATOR).map((member) => partyOf(consortium, member.id, member.keys)),
];

/** The parties now; read again when a directory has come. */
export function openParties(read: Reader): (consortium: string, coordinator: Keys) => readonly Party[] {
  let known: { sequence: number; parties: Party[] } | undefined;
  return (consortium, coordinator) => {
    const { sequence } = read.get<{ sequence: number }>(
      'select coalesce(max(sequence), 0) as sequence from directory',
    )!;
    if (known?.sequence === sequence) return known.parties;
    const row = read.get<{ bytes: Buffer }>('select bytes from directory where sequence = ?', sequence);
    const members = row ? directoryRecord.decode(row.bytes).members : [];
    const parties = partiesOf({ consortium, coordinator, members });
    known = { sequence, parties };
    return parties;
  };
}

/** Beside the coordinator. With more members, each log has some of them: the work stays the same for everybody. */
const MOST_PEERS = 15;

/** Whom the owner of a log asks: the coordinator, and members that follow from the log's name alone, so that all agree. */
export function witnessesOf(log: { id: string; origin: string }, parties: readonly Party[]): Party[] {
  const others = parties.filter(({ id }) => id !== log.id);
  const rank = ({ id }: Party) => toHex(sha256(encodeUtf8(`${log.origin}\n${id}`)));
  const peers = others.filter(({ id }) => id !== COORDINATOR);
  const chosen =
    peers.length <= MOST_PEERS
      ? peers
      : peers
          .map((party) => ({ party, rank: rank(party) }))
          .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
          .slice(0, MOST_PEERS)
          .map(({ party }) => party);
  return [...others.filter(({ id }) => id === COORDINATOR), ...chosen.toSorted((a, b) => (a.id < b.id ? -1 : 1))];
}
