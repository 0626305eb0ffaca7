// The methods of node.proto with which people practise a round.
import type { ServiceImpl } from '@connectrpc/connect';
import type { Progress } from '../shared/algorithms/algorithm.ts';
import type { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { figuresForWire, screenForWire } from './consent-handlers.ts';
import { languageOf } from './language.ts';
import type { AssentNode } from './node.ts';
import { rulesOf } from './people/rules.ts';
import { practiceScreen, practise, type Practised } from './practice.ts';
import { streaming } from './streaming.ts';

type Methods = 'getPractice' | 'practiceRound';

export function practiceHandlers({ practice }: AssentNode): Pick<ServiceImpl<typeof NodeService>, Methods> {
  return {
    async getPractice({ study, locale }) {
      const { key, bytes, screen, start } = await practiceScreen(practice, study, languageOf(locale));
      const { approvals: needed } = rulesOf(practice.store.journal.read);
      return {
        round: { summary: { name: key, bytes: BigInt(bytes) }, ...screenForWire(screen), needed },
        after: start.after,
        newer: start.newer,
      };
    },
    async *practiceRound({ study }, { signal }) {
      const work = streaming<Progress, Practised>(signal, (tell, stop) => practise(practice, study, tell, stop));
      for await (const step of work)
        if (step.done) {
          const { bytes, hash, norm, normBound, why } = step.value;
          const told = { updateHash: hash, bytes: BigInt(bytes), norm: Number(norm), normBound, why };
          const figures = { ...told, ...figuresForWire(step.value) };
          yield { kind: { case: 'update' as const, value: figures } };
        } else yield { kind: { case: 'progress' as const, value: step.value } };
    },
  };
}
