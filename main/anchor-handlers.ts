// The method of node.proto about the log outside this store: who has cosigned it, and which logs it witnesses.
import type { ServiceImpl } from '@connectrpc/connect';
import type { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { encodeVkey } from '../shared/transparency/verifier-key.ts';
import { alarmsToWire, anchorsToWire, anchorToWire, witnessedToWire } from '../platform/anchor-wire.ts';
import { ownLogs } from '../platform/own-logs.ts';
import type { AssentNode } from './node.ts';

export function anchorHandlers({ store, anchoring }: AssentNode): Pick<ServiceImpl<typeof NodeService>, 'listAnchors'> {
  const { journal, keys } = store;
  return {
    listAnchors: () => ({
      anchor: anchorToWire(anchoring.state(), journal.size()),
      anchors: anchorsToWire(journal.read),
      logs: ownLogs(journal.read, keys.log.publicKey).map(({ key, since, until }) => ({
        vkey: encodeVkey(key),
        since: BigInt(since),
        until: BigInt(until ?? 0),
      })),
      witnessed: witnessedToWire(journal.read),
      alarms: alarmsToWire(journal.read),
    }),
  };
}
