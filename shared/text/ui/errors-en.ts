// Refusals as a window says them, where the table of codes speaks of the command line.
import type { ErrorCode } from '../../errors.ts';

export const errors: Partial<Record<ErrorCode, { title?: string; hint?: string }>> = {
  INTERNAL: { hint: 'Nothing was changed by it. Try again; if it repeats, tell whoever looks after this computer.' },
  NOT_ENROLLED: { hint: 'An admin joins the consortium, under Settings.' },
  PERSON_UNKNOWN: { hint: 'Look at the accounts under People.' },
  PASSPHRASE_WRONG: { hint: 'Compare it with the recovery sheet, group by group.' },
  PASSPHRASE_MISSING: { hint: 'Type the passphrase of the recovery sheet.' },
  SESSION_MISSING: { hint: 'Sign in again. What you typed is kept.' },
  NOT_SET_UP: { hint: 'Make the first accounts in this window.' },
  NODE_UNREACHABLE: {
    hint: 'When it answers again, see whether it was done, and repeat it if not. What you typed stays, passwords apart.',
  },
  STORE_IN_USE: { hint: 'Another window or program has it open. Close that one first.' },
  STORE_MISSING: { hint: 'Check the folder.' },
  UPLOAD_SIZE: { hint: 'Put it on the node’s own computer and type its path there.' },
  WINDOW_REFUSED: { hint: 'Ask for a new address with: assent-node open' },
  MAPPING_INVALID: { hint: 'Choose other columns, or none, for what is named.' },
};
