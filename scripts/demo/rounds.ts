// Follows the rounds as the coordinator's status tells them, and prints a row as each ends.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeModel } from '../../main/model/received.ts';
import type { RoundResult, StudyStatus } from '../../shared/gen/assent/v1/admin_pb.ts';
import type { Vector } from '../../shared/math/vector.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Consortium } from './consortium.ts';
import type { Everyone } from './everyone.ts';
import type { RoundFigures } from './summary.ts';
import { bytes, figure, row, seconds } from './terminal.ts';

type Following = { study: Study; everyone: Everyone; signal: AbortSignal; print(line: string): void };

// Rounds take a fraction of a second; after so long somebody will want to know who is waited for.
const LONG_MS = 15_000;

const WIDTHS = [5, 7, 6, 9, 9, 6] as const;

/** Resolves when the study has finished; throws when it ends otherwise. */
export async function followRounds(
  consortium: Consortium,
  following: Following,
): Promise<{ rounds: RoundFigures[]; last: Vector }> {
  const { study, everyone, signal, print } = following;
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const rounds: RoundFigures[] = [];
  let seen = 0;
  let last: Vector | undefined;
  let status: StudyStatus | undefined;
  const long = setInterval(() => {
    const who = status?.waiting.map(({ member, for: what }) => `${member} (${what})`) ?? [];
    print(`       waiting for ${who.join(', ') || 'the coordinator'}`);
  }, LONG_MS);
  print(`\n${row(['round', 'loss', 'AUC*', 'up', 'down', 'time'], WIDTHS)}  took part`);
  try {
    for await (const { studies } of consortium.admin.watchStatus({}, { signal: both })) {
      status = studies.find((one) => one.study === study.id);
      for (const result of status?.results.slice(seen) ?? []) {
        seen++;
        long.refresh();
        if (result.result !== 'aggregated') {
          print(`${row([String(result.round)], WIDTHS)}  aborted, and tried again: ${result.reason}`);
          continue;
        }
        last = modelOf(consortium, study, result);
        const figures = figuresOf(result, await everyone.auc(last));
        rounds.push(figures);
        print(line(figures, consortium));
      }
      if (status && isOver(status)) break;
    }
  } finally {
    clearInterval(long);
    ended.abort();
  }
  if (last === undefined) throw new Error('the study ended without a round');
  return { rounds, last };
}

function isOver({ state, reason }: StudyStatus): boolean {
  if (state === 'paused' || state === 'stopped') throw new Error(`the coordinator ${state} the study: ${reason}`);
  return state === 'finished';
}

function figuresOf(result: RoundResult, auc: number | null): RoundFigures {
  const loss = result.metrics['loss'];
  return {
    round: result.round,
    participants: result.participants,
    loss: loss === undefined ? null : Number(loss),
    auc,
    bytesUp: Number(result.bytesUp),
    bytesDown: Number(result.bytesDown),
    seconds: result.seconds,
  };
}

/** The coordinator keeps each round's model in its folder under the hash that the signed outcome names. */
function modelOf({ folder }: Consortium, study: Study, { model }: RoundResult): Vector {
  return decodeModel(study, readFileSync(path.join(folder, 'home/models', model)));
}

function line(f: RoundFigures, { institutions }: Consortium): string {
  const names = institutions.filter(({ id }) => f.participants.includes(id)).map(({ short }) => short);
  const who =
    names.length === institutions.length
      ? `all ${names.length}`
      : `${names.length} of ${institutions.length}: ${names.join(', ')}`;
  const cells = [
    String(f.round),
    figure(f.loss, 4),
    figure(f.auc, 3),
    bytes(f.bytesUp),
    bytes(f.bytesDown),
    seconds(f.seconds),
  ];
  return `${row(cells, WIDTHS)}  ${who}`;
}
