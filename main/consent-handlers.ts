// The methods of node.proto by which people look at a round or an update and decide; the password of the caller signs.
import type { ServiceImpl } from '@connectrpc/connect';
import {
  Decision,
  type GetPolicyStatementRequest,
  type NodeService,
  type RoundName,
} from '../shared/gen/assent/v1/node_pb.ts';
import { decimalOf } from '../shared/records/fields.ts';
import { callerOf } from './access.ts';
import { decide, defer } from './consent/approval.ts';
import { unentitled } from './consent/entitled.ts';
import { judge, type Purpose } from './consent/given.ts';
import { confirmPolicy, draftBounds, policyStatement, proposePolicy, revokePolicy } from './consent/policy.ts';
import { decideRelease, releaseScreen, type ReleaseScreen } from './consent/release.ts';
import { revoke, revokeStatement } from './consent/revocation.ts';
import { screenHash, screenOf, type RoundScreen } from './consent/screen.ts';
import type { AssentNode } from './node.ts';
import { unlockPerson } from './people/keys.ts';
import { personOf } from './people/people.ts';
import { rulesOf } from './people/rules.ts';
import type { RoundKey } from './stages.ts';
import { openedText } from './store/openings.ts';
import { joinedStudyOf, latestAttempt, offeredOf, roundOf, studyOf, type RoundRow } from './store/rounds.ts';
import { languageOf } from './language.ts';
import { roundSummary } from './study-handlers.ts';

type Methods =
  | 'getRound'
  | 'getRelease'
  | 'decideRound'
  | 'deferRound'
  | 'revokeRound'
  | 'getPolicyStatement'
  | 'signPolicy'
  | 'revokePolicy';
type AskedBounds = Omit<GetPolicyStatementRequest, '$typeName' | 'locale'>;

export function consentHandlers(node: AssentNode): Pick<ServiceImpl<typeof NodeService>, Methods> {
  const { store, clock } = node;
  const { read } = store.journal;
  const deps = { store, now: clock.now };

  const keyOf = ({ study, round, attempt }: RoundName): RoundKey =>
    attempt === 0 ? latestAttempt(read, study, round) : { study, round, attempt };

  function approvals(row: RoundRow, purpose: Purpose) {
    const about = { offered: offeredOf(row), update: purpose === 'release' ? row.sealed : null };
    return judge(deps, purpose, about).map(({ given, flaw }) => {
      const { approval, hash, person, state } = given;
      return {
        approvalHash: hash,
        purpose,
        decision: approval.decision,
        person: person ?? '',
        name: person === null ? '' : personOf(read, person).name,
        policyHash: approval.policy ?? '',
        at: approval.at,
        notAfter: approval.notAfter,
        reason: openedText(read, approval.reason) ?? '',
        flaw: state === 'used' ? '' : (flaw?.code ?? ''),
      };
    });
  }

  /** What is 0 is the study's own. */
  function boundsOf({ study, rounds, attempts, bytes, norm, cohort, hours, days }: AskedBounds) {
    const draft = draftBounds(studyOf(joinedStudyOf(read, study)));
    return {
      rounds: rounds || draft.rounds,
      attempts: attempts || draft.attempts,
      bytes: bytes || draft.bytes,
      norm: norm === 0 ? draft.norm : decimalOf(norm),
      cohort: cohort || draft.cohort,
      hours: hours ? { from: hours.from, to: hours.to } : null,
      epsilon: null,
      days: days || draft.days,
    };
  }

  return {
    getRound({ name, locale }, context) {
      const row = roundOf(read, keyOf(name!));
      const caller = callerOf(context);
      const language = languageOf(locale);
      const screen = screenOf(read, row, language);
      return {
        summary: roundSummary(read, row),
        planHash: row.plan,
        ...screenForWire(screen),
        inputModel: offeredOf(row).plan.inputModel.sha256,
        screenHash: screenHash(screen),
        approvals: [...approvals(row, 'train'), ...approvals(row, 'release')],
        needed: rulesOf(read).approvals,
        mayNotDecide: unentitled(read, caller.id, row.study)?.message ?? '',
        revokeStatement: revokeStatement(deps, row, caller, language) ?? '',
        latestAttempt: latestAttempt(read, row.study, row.round).attempt,
      };
    },
    async getRelease({ name, locale }) {
      const key = keyOf(name!);
      const screen = await releaseScreen(deps, key, languageOf(locale));
      const row = roundOf(read, key);
      return {
        summary: roundSummary(read, row),
        planHash: row.plan,
        title: screen.title,
        why: screen.why,
        updateHash: screen.blob,
        bytes: BigInt(screen.bytes),
        norm: Number(screen.norm),
        normBound: screen.normBound,
        ...figuresForWire(screen),
        sendBy: screen.sendBy,
        approveStatement: screen.approve,
        declineStatement: screen.decline,
        screenHash: screenHash(screen),
        approvals: approvals(row, 'release'),
        needed: rulesOf(read).approvals,
      };
    },

    async decideRound(request, context) {
      const { name, planHash, screenHash: screen, updateHash, reason, password } = request;
      const key = keyOf(name!);
      const locale = languageOf(request.locale);
      const decision: 'approve' | 'decline' = request.decision === Decision.APPROVE ? 'approve' : 'decline';
      const asked = { planHash, screen, decision, reason, locale };
      const signer = await unlockPerson(deps, callerOf(context).id, password);
      const made =
        updateHash === ''
          ? decide(deps, key, signer, asked)
          : await decideRelease(deps, key, signer, { ...asked, update: updateHash });
      node.wake();
      return made;
    },
    deferRound({ name }, context) {
      defer(deps, keyOf(name!), callerOf(context));
      return {};
    },
    async revokeRound({ name, reason, password, locale }, context) {
      const key = keyOf(name!);
      const signer = await unlockPerson(deps, callerOf(context).id, password);
      const { revocation, ended } = revoke(deps, key, signer, { reason, locale: languageOf(locale) });
      node.wake();
      return { revocationHash: revocation, ended };
    },

    getPolicyStatement: (request) =>
      policyStatement(deps, {
        study: request.study,
        bounds: boundsOf(request),
        locale: languageOf(request.locale),
      }),
    async signPolicy(request, context) {
      const { study, policyHash, password, notAfter } = request;
      const bounds = boundsOf(request);
      const signer = await unlockPerson(deps, callerOf(context).id, password);
      const signed =
        policyHash === ''
          ? proposePolicy(deps, signer, {
              study,
              bounds,
              locale: languageOf(request.locale),
              ...(notAfter !== '' && { notAfter }),
            })
          : confirmPolicy(deps, signer, study, policyHash);
      node.wake();
      return signed;
    },
    revokePolicy({ study }, context) {
      revokePolicy(deps, study, callerOf(context));
      node.wake();
      return {};
    },
  };
}

/** What is shown of a round, without who has decided on it. */
export const screenForWire = (screen: RoundScreen) => ({
  title: screen.title,
  purpose: screen.purpose,
  update: screen.update,
  coordinatorReads: screen.coordinatorReads,
  tensors: screen.tensors.map((tensor) => ({ ...tensor, bytes: BigInt(tensor.bytes) })),
  releases: screen.releases,
  cohort: screen.cohort,
  normBound: screen.normBound,
  approveStatement: screen.approve,
  declineStatement: screen.decline,
  changes: screen.changes,
});

/** What an update holds, and what it is held against. */
export const figuresForWire = ({
  parts,
  last,
  examples,
  metrics,
}: Pick<ReleaseScreen, 'parts' | 'last' | 'examples' | 'metrics'>) => ({
  parts: parts.map(({ bytes, histogram, ...part }) => ({
    ...part,
    bytes: BigInt(bytes),
    histogram: histogram.map(BigInt),
  })),
  ...(last && { lastNorm: Number(last.norm), ...(last.distance !== null && { distance: last.distance }) }),
  examples,
  metrics: Object.fromEntries(Object.entries(metrics).map(([metric, value]) => [metric, value ?? ''])),
});
