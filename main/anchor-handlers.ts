// The methods of node.proto about the log outside this store: who has cosigned it, which logs it witnesses, and its successor.
import type { ServiceImpl } from '@connectrpc/connect';
import type { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { encodeVkey } from '../shared/transparency/verifier-key.ts';
import { alarmsToWire, anchorsToWire, anchorToWire, witnessedToWire } from '../platform/anchor-wire.ts';
import { latestByWitness } from '../platform/anchor-state.ts';
import { ownLogs } from '../platform/own-logs.ts';
import { callerOf } from './access.ts';
import { languageOf } from './language.ts';
import type { AssentNode } from './node.ts';
import { unlockAdmins } from './people/admins.ts';
import { startSuccessor, successorOffer } from './successor.ts';

export function anchorHandlers(
  node: AssentNode,
): Pick<ServiceImpl<typeof NodeService>, 'listAnchors' | 'startSuccessor'> {
  const { store, clock, anchoring } = node;
  const { journal, keys } = store;
  const deps = { store, now: clock.now };
  return {
    listAnchors: ({ locale }) => ({
      anchor: anchorToWire(anchoring.state(), journal.size()),
      anchors: anchorsToWire(journal.read),
      logs: ownLogs(journal.read, keys.log.publicKey).map(({ key, since, until }) => ({
        vkey: encodeVkey(key),
        since: BigInt(since),
        until: BigInt(until ?? 0),
      })),
      witnessed: witnessedToWire(journal.read),
      alarms: alarmsToWire(journal.read),
      successor: successorOffer(store, languageOf(locale)),
      witnesses: latestByWitness(journal.read, keys.log.publicKey, anchoring.witnesses()).map((each) => ({
        ...each,
        size: BigInt(each.size),
      })),
    }),
    async startSuccessor({ anchored, password, second, locale }, context) {
      const admins = await unlockAdmins(deps, callerOf(context), password, second);
      const shown = { anchored: Number(anchored), locale: languageOf(locale) };
      const { origin, kept } = startSuccessor(deps, shown, admins);
      node.wake();
      return { origin, kept: BigInt(kept) };
    },
  };
}
