// The command about standing policies: one person proposes and signs, another signs the same bytes.
import { text, UsageError, whole, type Command, type Values } from '../../platform/cli.ts';
import { asking, localeOf, type Asked, type NodeCommandContext } from './asking.ts';
import * as show from './show-consent.ts';

function boundsOf(values: Values) {
  const norm = text(values, 'norm');
  if (norm !== undefined && !(Number(norm) > 0)) throw new UsageError('--norm is a number above 0.');
  const said = text(values, 'hours');
  const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(said ?? '') ?? [];
  if (said !== undefined && from === undefined) throw new UsageError('--hours is FROM-TO, such as 8-18, in UTC.');
  return {
    rounds: whole(values, 'rounds') ?? 0,
    attempts: whole(values, 'attempts') ?? 0,
    bytes: whole(values, 'bytes') ?? 0,
    norm: norm === undefined ? 0 : Number(norm),
    cohort: whole(values, 'cohort') ?? 0,
    days: whole(values, 'days') ?? 0,
    ...(from !== undefined && { hours: { from: Number(from), to: Number(to) } }),
  };
}

async function sign({ calls, password, args, values, io }: Asked): Promise<void> {
  const study = args[0]!;
  const policyHash = text(values, 'sign') ?? '';
  const locale = localeOf(values);
  if (policyHash !== '') {
    const { policies } = await calls.getStudy({ study, locale });
    const proposed = policies.find((one) => one.policyHash === policyHash);
    if (proposed) io.out(`You sign: ${proposed.meaning}\n`);
  }
  const asked = { study, policyHash, ...boundsOf(values), password: await password(), locale };
  const signed = await calls.signPolicy(asked);
  if (policyHash === '') io.out(`You signed: ${signed.meaning}\n`);
  io.out(`Policy ${signed.policyHash}: signature ${signed.number} of ${signed.needed}\n`);
  io.out(
    signed.inForce
      ? 'It is in force. Whatever is outside of its bounds still waits for people.\n'
      : `It is in force once somebody else signs it: assent-node policy ${study} --sign ${signed.policyHash}\n`,
  );
}

export const policyCommands: Record<string, Command<NodeCommandContext>> = {
  study: asking('STUDY', 'a study, its standing policies, and what one could be', async (asked) => {
    const { calls, args, values, io } = asked;
    io.out(show.study(await calls.getStudy({ study: args[0]!, locale: localeOf(values) })));
  }),
  policy: asking(
    'STUDY [--rounds N --attempts N --bytes N --norm X --cohort N --hours H-H --days N | --sign HASH | --revoke]',
    'propose and sign a standing policy, sign one that was proposed, or revoke what is in force',
    async (asked) => {
      const { calls, args, values, io } = asked;
      if (values['revoke'] !== true) return sign(asked);
      await calls.revokePolicy({ study: args[0]! });
      io.out(`Revoked. From now on every round of ${args[0]!} waits for people.\n`);
    },
    {
      rounds: { type: 'string' },
      attempts: { type: 'string' },
      bytes: { type: 'string' },
      norm: { type: 'string' },
      cohort: { type: 'string' },
      hours: { type: 'string' },
      days: { type: 'string' },
      sign: { type: 'string' },
      revoke: { type: 'boolean' },
    },
  ),
};
