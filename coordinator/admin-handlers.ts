// admin.proto's methods: what the operator asks, on the coordinator's own machine.
import { createContextKey, type Interceptor, type ServiceImpl } from '@connectrpc/connect';
import { AssentError } from '../shared/errors.ts';
import type { AdminService } from '../shared/gen/assent/v1/admin_pb.ts';
import { fingerprint } from '../shared/records/fingerprint.ts';
import { encodeUtf8, toHex } from '../shared/wire/canonical.ts';
import { alarmsToWire, anchorsToWire, anchorToWire, witnessedToWire } from '../platform/anchor-wire.ts';
import { primitives, sha256, timingSafeEqual } from '../platform/crypto.ts';
import { exportAuditLog } from '../platform/export-log.ts';
import { isLoopback } from '../platform/loopback.ts';
import type { Anchoring } from './anchoring.ts';
import type { LastSeen } from './caller.ts';
import type { Letters } from './letters.ts';
import { admit, invite, remove, type MemberDeps } from './members.ts';
import { writeResults } from './results.ts';
import { membersOf, statusOf, type Results } from './status.ts';
import { pauseStudy, resumeStudy, startStudy, stopStudy, type StudyDeps } from './studies.ts';

export type AdminDeps = StudyDeps &
  MemberDeps & { lastSeen: LastSeen; results: Results; anchoring: Anchoring; letters: Letters; url(): string };

/** The address a request came from, as the server saw it. */
export const remoteKey = createContextKey<string>('');

/** Lets only this machine in, and only with the token of the token file. */
export const operatorOnly =
  (token: string): Interceptor =>
  (next) =>
  (request) => {
    const given = /^Bearer (\S+)$/.exec(request.header.get('authorization') ?? '')?.[1] ?? '';
    const [a, b] = [given, token].map((text) => sha256(encodeUtf8(text)));
    if (!isLoopback(request.contextValues.get(remoteKey)) || !timingSafeEqual(a!, b!))
      throw new AssentError(
        'OPERATOR_ONLY',
        'This call needs the token of the token file, on the coordinator’s own machine.',
      );
    return next(request);
  };

const HEARTBEAT_MS = 30_000;
/** So long an export waits for the cosignatures of exactly its size. */
const WAIT_SECONDS = 20;

export function adminHandlers(deps: AdminDeps): ServiceImpl<typeof AdminService> {
  const { store, conductor, clock, events } = deps;
  const status = () => ({
    ...statusOf(deps),
    anchor: anchorToWire(deps.anchoring.state(), store.journal.size()),
  });
  return {
    invite({ member, name, url }) {
      const address = url === '' ? deps.url() : url;
      if (address === '')
        throw new AssentError(
          'REQUEST_INVALID',
          'The coordinator is not running, so its address is not known. Give --url.',
        );
      const said = invite(deps, member, name, address);
      return { ...said, fingerprint: fingerprint(primitives, store.keys) };
    },
    listMembers: () => membersOf(store, deps.lastSeen),
    admit({ member, fingerprint: typed }) {
      admit(deps, member, typed, (tx) => conductor.tell(tx, member));
      return {};
    },
    remove({ member, reason }) {
      const at = clock.now();
      const affected = conductor
        .all()
        .filter(({ state: { joined, open } }) => joined.includes(member) || open?.seats[member]);
      const prepared = conductor.prepare(affected.map(({ id }) => ({ id, event: { kind: 'removed', member, at } })));
      remove(deps, member, reason, prepared.write);
      prepared.keep();
      return {};
    },
    startStudy: ({ definition }) => startStudy(deps, definition),
    pauseStudy({ study }) {
      pauseStudy(deps, study);
      return {};
    },
    resumeStudy({ study }) {
      resumeStudy(deps, study);
      return {};
    },
    stopStudy({ study, reason }) {
      stopStudy(deps, study, reason);
      return {};
    },
    getStatus: status,
    async *watchStatus(_request, { signal }) {
      for (let seen = -1; !signal.aborted && !events.isClosed();) {
        // Said again now and then, so that neither a client nor a proxy takes the quiet for a lost connection.
        seen = await events.changed(seen, AbortSignal.any([signal, AbortSignal.timeout(HEARTBEAT_MS)]));
        yield status();
      }
    },
    writeResults: async ({ study, folder }) => ({ files: await writeResults(deps, study, folder) }),
    async exportLog({ folder, waitSeconds = WAIT_SECONDS }) {
      const { anchoring, letters } = deps;
      const source = {
        journal: store.journal,
        logPublicKey: store.log.publicKey,
        cosigners: {
          all: anchoring.witnesses(),
          reach: (size: number) => anchoring.reach(size, waitSeconds * 1000, letters.isThere, letters.announce),
        },
      };
      const kinds = ['round.aggregated', 'member.admitted', 'member.succeeded'] as const;
      const { size, root, anchoredBy, missing } = await exportAuditLog(source, folder, kinds);
      return { size: BigInt(size), root: toHex(root), anchoredBy, missing };
    },
    listAnchors: () => ({
      anchor: anchorToWire(deps.anchoring.state(), store.journal.size()),
      anchors: anchorsToWire(store.journal.read),
      witnessed: witnessedToWire(store.journal.read),
      alarms: alarmsToWire(store.journal.read),
    }),
  };
}
