// The commands by which a steward joins and leaves a study.
import { resolve } from 'node:path';
import { needed, texts, UsageError, type Command, type Values } from '../../platform/cli.ts';
import { asking, localeOf, type NodeCommandContext } from './asking.ts';
import { CHOICE, choiceOf } from './mapping-commands.ts';

const documentsOf = (values: Values) =>
  texts(values, 'document').map((said) => {
    const [, kind, path] = /^([a-z-]+)=(.+)$/.exec(said) ?? [];
    if (kind === undefined) throw new UsageError('--document is KIND=FILE, such as ethics-approval=board.pdf.');
    return { kind, path: resolve(path!) };
  });

export const participationCommands: Record<string, Command<NodeCommandContext>> = {
  join: asking(
    'STUDY --dataset ID [--mapping FILE | --version N] [--document KIND=FILE]',
    'join a study with a data set; documents (ethics-approval, impact-assessment, contract, other) stay here, their hashes are signed',
    async ({ calls, password, args, values, io }) => {
      const locale = localeOf(values);
      const documents = documentsOf(values);
      const about = { study: args[0]!, dataset: needed(values, 'dataset'), locale };
      const { statement } = await calls.getJoinStatement({ ...about, documents: documents.length });
      io.out(`You sign: ${statement}\n`);
      const asked = { ...about, ...choiceOf(values), documents, password: await password() };
      const { rows, usable } = await calls.joinStudy(asked);
      io.out(`Joined ${about.study}: ${usable} of ${rows} rows can be used. Every round waits for approval.\n`);
    },
    { ...CHOICE, document: { type: 'string', multiple: true } },
  ),
  leave: asking(
    'STUDY --reason TEXT',
    'leave a study: open rounds end here and nothing more is sent; what has left cannot be taken back',
    async ({ calls, password, args, values, io }) => {
      const locale = localeOf(values);
      const reason = needed(values, 'reason');
      const study = args[0]!;
      const { leaveStatement } = await calls.getStudy({ study, locale });
      if (leaveStatement !== '') io.out(`You sign: ${leaveStatement}\n`);
      await calls.leaveStudy({ study, reason, password: await password(), locale });
      io.out(`Left ${study}, signed and recorded. The coordinator is told.\n`);
    },
    { reason: { type: 'string' } },
  ),
};
