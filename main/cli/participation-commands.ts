// The commands by which a steward joins and leaves a study.
import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import { AssentError } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { needed, texts, UsageError, type Command, type Values } from '../../platform/cli.ts';
import { createSha256 } from '../../platform/crypto.ts';
import { asking, localeOf, type NodeCommandContext } from './asking.ts';
import { CHOICE, choiceOf } from './mapping-commands.ts';

/** Hashes the files here, piece by piece: the node may be on another computer. Throws FILE_UNREADABLE. */
async function documentsOf(values: Values) {
  const documents = [];
  for (const said of texts(values, 'document')) {
    const [, kind, path] = /^([a-z-]+)=(.+)$/.exec(said) ?? [];
    if (kind === undefined) throw new UsageError('--document is KIND=FILE, such as ethics-approval=board.pdf.');
    documents.push({ kind, name: basename(path!), ...(await hashFile(resolve(path!))) });
  }
  return documents;
}

async function hashFile(path: string): Promise<{ sha256: string; bytes: bigint }> {
  const sum = createSha256();
  let bytes = 0;
  try {
    for await (const piece of createReadStream(path)) {
      sum.update(piece as Uint8Array);
      bytes += (piece as Uint8Array).length;
    }
  } catch (cause) {
    const why = (cause as Error).message;
    throw new AssentError('FILE_UNREADABLE', `The document ${path} cannot be read: ${why}`, { path }, cause);
  }
  return { sha256: toHex(sum.digest()), bytes: BigInt(bytes) };
}

export const participationCommands: Record<string, Command<NodeCommandContext>> = {
  join: asking(
    'STUDY --dataset ID [--mapping FILE | --version N] [--document KIND=FILE]',
    'join a study with a data set; documents (ethics-approval, impact-assessment, contract, other) stay here, their hashes are signed',
    async ({ calls, password, args, values, io }) => {
      const locale = localeOf(values);
      const documents = await documentsOf(values);
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
