// The methods of node.proto about mappings: trying, saving and listing.
import type { ServiceImpl } from '@connectrpc/connect';
import type { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { savedMappings, type SavedMapping } from './data/saved-mappings.ts';
import { saveTried, tryMapping } from './joining.ts';
import type { AssentNode } from './node.ts';
import { studyRowOf } from './store/rounds.ts';

type Methods = 'checkMapping' | 'saveMapping' | 'listMappings';

export function mappingHandlers(node: AssentNode): Pick<ServiceImpl<typeof NodeService>, Methods> {
  return {
    async checkMapping({ study, dataset, mapping: text, version }) {
      const { report, mapping, identifiers } = await tryMapping(node, study, dataset, { text, version });
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
        })),
        identifiers,
      };
    },
    async saveMapping({ study, dataset, mapping }) {
      return { saved: savedOf(await saveTried(node, study, dataset, mapping)) };
    },
    listMappings({ study }) {
      studyRowOf(node.store.journal.read, study);
      return { mappings: savedMappings(node.data, study).map(savedOf) };
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
