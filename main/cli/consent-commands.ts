// The commands by which people look at rounds and updates and decide: what is signed is printed before the password is asked for.
import { Decision, type RoundName } from '../../shared/gen/assent/v1/node_pb.ts';
import { needed, type Command } from '../../platform/cli.ts';
import { asking, localeOf, type Asked, type NodeCommandContext } from './asking.ts';
import { roundName } from './round-name.ts';
import * as show from './show-consent.ts';

/** Prints the round, and the update where one waits to be released; what a decision would name and sign. */
async function look({ calls, args, values, io }: Asked) {
  const locale = localeOf(values);
  const round = await calls.getRound({ name: roundName(args, values), locale });
  const name = round.summary!.name as RoundName;
  io.out(show.round(round));
  const { planHash } = round;
  if (round.summary!.stage !== 'releasing') {
    const { screenHash, approveStatement, declineStatement } = round;
    return { name, planHash, screenHash, updateHash: '', approveStatement, declineStatement, round };
  }
  const release = await calls.getRelease({ name, locale });
  io.out(`\n${show.release(release)}`);
  const { screenHash, updateHash, approveStatement, declineStatement } = release;
  return { name, planHash, screenHash, updateHash, approveStatement, declineStatement, round };
}

async function decide(decision: Decision, asked: Asked): Promise<void> {
  const { calls, password, values, io } = asked;
  const reason = needed(values, 'reason');
  const { name, planHash, screenHash, updateHash, ...shown } = await look(asked);
  const approves = decision === Decision.APPROVE;
  io.out(`\nYou sign: ${approves ? shown.approveStatement : shown.declineStatement}\n`);
  const about = { name, planHash, screenHash, updateHash };
  const locale = localeOf(values);
  const made = await calls.decideRound({ ...about, decision, reason, password: await password(), locale });
  io.out(`Signed and recorded. ${approves ? 'Approval' : 'Refusal'} ${made.approvalHash}\n`);
  if (!approves) return io.out('Nothing is sent for this round.\n');
  io.out(
    made.complete
      ? `That was ${made.number} of ${made.needed}: ${updateHash === '' ? 'training starts' : 'the update leaves'}.\n`
      : `That was ${made.number} of ${made.needed}: others have to approve, too.\n`,
  );
}

const DECIDE = { reason: { type: 'string' }, attempt: { type: 'string' } } as const;

export const consentCommands: Record<string, Command<NodeCommandContext>> = {
  show: asking(
    'STUDY ROUND [--attempt N]',
    'what a round is for, what changed, and exactly what would leave; the update itself where it waits to be released',
    async (asked) => void (await look(asked)),
    { attempt: DECIDE.attempt },
  ),
  approve: asking(
    'STUDY ROUND --reason TEXT [--attempt N]',
    'approve a round, or release the update that waits: your password signs',
    (asked) => decide(Decision.APPROVE, asked),
    DECIDE,
  ),
  decline: asking(
    'STUDY ROUND --reason TEXT [--attempt N]',
    'decline a round, or the release of the update that waits: your password signs',
    (asked) => decide(Decision.DECLINE, asked),
    DECIDE,
  ),
  defer: asking(
    'STUDY ROUND [--attempt N]',
    'put on record that you looked and will decide later',
    async ({ calls, args, values, io }) => {
      await calls.deferRound({ name: roundName(args, values) });
      io.out('Recorded. The round goes on waiting, until its deadline at the latest.\n');
    },
    { attempt: DECIDE.attempt },
  ),
  revoke: asking(
    'STUDY ROUND --reason TEXT [--attempt N]',
    'take an approval back: training stops at once and nothing is sent; your password signs',
    async ({ calls, password, args, values, io }) => {
      const reason = needed(values, 'reason');
      const locale = localeOf(values);
      const round = await calls.getRound({ name: roundName(args, values), locale });
      if (round.revokeStatement !== '') io.out(`You sign: ${round.revokeStatement}\n`);
      const name = round.summary!.name as RoundName;
      const { ended, revocationHash } = await calls.revokeRound({ name, reason, password: await password(), locale });
      io.out(`Signed and recorded. Revocation ${revocationHash}\n`);
      io.out(ended ? 'The round is over here; nothing is sent.\n' : 'Your approval does not count any more.\n');
    },
    DECIDE,
  ),
};
