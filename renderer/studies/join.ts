// The one place that joins a study.
import type { JoinStudyResponse } from '../../shared/gen/assent/v1/node_pb.ts';
import { language } from '../language.svelte.ts';
import { node } from '../node.ts';

/** A file that joining rests on. `upload` is set where it came from a browser: it goes again after joining. */
export type Attached = { kind: string; name: string; path: string; upload: string };
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

export async function joinStudy({ documents, ...asked }: Joining): Promise<JoinStudyResponse> {
  const named = documents.map(({ kind, path }) => ({ kind, path }));
  const joined = await node.joinStudy({ ...asked, documents: named, locale: language.wire });
  discardDocuments(documents);
  return joined;
}

export function discardDocuments(documents: readonly Attached[]): void {
  for (const { upload } of documents) if (upload !== '') void node.discardUpload({ upload }).catch(() => {});
}
