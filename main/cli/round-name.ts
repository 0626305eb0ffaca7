// How a person names a round on the command line.
import { UsageError, whole, type Values } from '../../platform/cli.ts';

/** Attempt 0 is the latest. */
export function roundName([study, round]: string[], values: Values): { study: string; round: number; attempt: number } {
  if (!/^[1-9]\d{0,6}$/.test(round!)) throw new UsageError(`A round is a number from 1, not ${round}.`);
  return { study: study!, round: Number(round), attempt: whole(values, 'attempt') ?? 0 };
}
