import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import * as show from '../../../main/cli/show.ts';
import { NodeServiceGetStatusResponseSchema, RoundSummarySchema } from '../../../shared/gen/assent/v1/node_pb.ts';

const enrolled = {
  software: 'assent',
  member: 'alpha',
  consortium: 'test',
  url: 'http://127.0.0.1:7700',
  admitted: true,
};
const line = (status: { reachable: boolean; message: string }) =>
  /^Coordinator +(.*)$/m.exec(show.status(create(NodeServiceGetStatusResponseSchema, { ...enrolled, ...status })))![1];

test('status says once that the coordinator does not answer, and always which one it is', () => {
  expect(line({ reachable: true, message: '' })).toBe('http://127.0.0.1:7700 answers');
  const silent = 'The coordinator at http://127.0.0.1:7700 does not answer. Asking again in 8 s.';
  expect(line({ reachable: false, message: silent })).toBe(silent);
  const proxy = 'The proxy http://proxy:3128 does not answer (ECONNREFUSED). Check its address: assent-node network';
  expect(line({ reachable: false, message: proxy })).toBe(`http://127.0.0.1:7700: ${proxy}`);
  expect(line({ reachable: false, message: 'not asked yet' })).toBe('http://127.0.0.1:7700: not asked yet');
});

test('a round that is over waits for nobody, whatever it was waiting for here', () => {
  const here = (stage: string, outcome: string) => {
    const summary = create(RoundSummarySchema, { name: { study: 's', round: 1, attempt: 1 }, stage, outcome });
    return show.rounds([summary]).split('\n')[1]!.replaceAll(/ {2,}/g, ' | ');
  };
  expect(here('awaiting', '')).toBe('s | 1 | 1 | awaiting | open');
  expect(here('awaiting', 'aborted')).toBe('s | 1 | 1 | not decided | aborted');
  expect(here('training', 'aborted')).toBe('s | 1 | 1 | ended at training | aborted');
  expect(here('sent', 'aggregated')).toBe('s | 1 | 1 | sent | aggregated');
  expect(here('declined', 'aborted')).toBe('s | 1 | 1 | declined | aborted');
});
