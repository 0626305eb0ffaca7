// The one place that joins a study.
import type { JoinStudyResponse } from '../../shared/gen/assent/v1/node_pb.ts';
import { language } from '../language.svelte.ts';
import { node } from '../node.ts';

/** A file that joining rests on. It stays with whoever attached it; `sha256` (hex) is what is signed. */
export type Attached = { kind: string; name: string; sha256: string; bytes: bigint };
type Joining = {
  study: string;
  dataset: string;
  mapping: string;
  documents: readonly Attached[];
  password: string;
};

/** What joining would sign, word for word. */
export async function joinStatement(study: string, dataset: string, documents: number): Promise<string> {
  return (await node.getJoinStatement({ study, dataset, documents, locale: language.wire })).statement;
}

export const joinStudy = ({ documents, ...asked }: Joining): Promise<JoinStudyResponse> =>
  node.joinStudy({ ...asked, documents: [...documents], locale: language.wire });
