// The methods of node.proto about mappings: trying, drafting, saving, listing, and moving a study with one.
import type { ServiceImpl } from '@connectrpc/connect';
import type { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { draftMapping, wantsOf } from './data/draft.ts';
import { savedMappings, type SavedMapping } from './data/saved-mappings.ts';
import { callerOf } from './access.ts';
import { chosenMapping, saveTried, tryMapping } from './joining.ts';
import { languageOf } from './language.ts';
import { unlockPerson } from './people/keys.ts';
import { moveStudy } from './moving.ts';
import type { AssentNode } from './node.ts';
import { studyOf, studyRowOf } from './store/rounds.ts';

type Methods = 'checkMapping' | 'draftMapping' | 'saveMapping' | 'listMappings' | 'moveStudy';

export function mappingHandlers(node: AssentNode): Pick<ServiceImpl<typeof NodeService>, Methods> {
  return {
    async checkMapping({ study, dataset, mapping: text, version, locale }) {
      const { report, mapping, identifiers } = await tryMapping(node, study, dataset, { text, version });
      const { features, target } = studyOf(studyRowOf(node.store.journal.read, study)).schema;
      const wants = new Map([...features, target].map((each) => [each.name, wantsOf(each, languageOf(locale))]));
      return {
        mapping: JSON.stringify(mapping),
        rows: BigInt(report.rows),
        usable: BigInt(report.usable),
        refused: report.refused.map(({ name, reason, rows: n }) => ({ reason: `${name}: ${reason}`, rows: BigInt(n) })),
        columns: report.columns.map(({ name, column, missing, clipped, unmatched }) => ({
          name,
          column: column ?? '',
          missing: BigInt(missing),
          clipped: BigInt(clipped),
          unmatched,
          likelyUnit: report.unitGuesses.get(name) ?? '',
          wants: wants.get(name)!,
        })),
        identifiers,
      };
    },
    async draftMapping({ study: id, dataset, mapping: text, version, locale }) {
      const study = studyOf(studyRowOf(node.store.journal.read, id));
      const { mapping } = chosenMapping(node, study, dataset, { text, version });
      const draft = await draftMapping(node.data, dataset, study, mapping, languageOf(locale));
      return {
        mapping: draft.text,
        columns: draft.columns,
        values: draft.values,
        unused: draft.unused.map(({ name, type }) => ({ name, type })),
      };
    },
    async saveMapping({ study, dataset, mapping }) {
      return { saved: savedOf(await saveTried(node, study, dataset, mapping)) };
    },
    listMappings({ study }) {
      studyRowOf(node.store.journal.read, study);
      return { mappings: savedMappings(node.data, study).map(savedOf) };
    },
    async moveStudy({ study, dataset, mapping: text, version, password, locale }, context) {
      const deps = { store: node.store, now: node.clock.now };
      const signer = await unlockPerson(deps, callerOf(context).id, password);
      const { rows, usable, policyEnded } = await moveStudy(
        node,
        study,
        dataset,
        { text, version },
        signer,
        languageOf(locale),
      );
      node.wake();
      return { rows: BigInt(rows), usable: BigInt(usable), policyEnded };
    },
  };
}

const savedOf = ({ version, at, hash, mapping }: SavedMapping) => ({
  version,
  savedAt: at,
  hash,
  mapping: JSON.stringify(mapping),
  columns: Object.keys(mapping.columns).length,
});
