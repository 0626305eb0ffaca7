// Mappings at rest: they name local columns and values, so they are sealed; each saved one has a version that never changes.
import { sha256 } from '../../platform/crypto.ts';
import { AssentError } from '../../shared/errors.ts';
import { decodeCanonical, encodeCanonical, toHex } from '../../shared/wire/canonical.ts';
import { parseMapping, type Mapping } from './mapping.ts';
import type { DataDeps } from './sealing.ts';

/** `hash` is SHA-256 (hex) of the mapping's canonical bytes; `columns` how many columns of the study it maps. */
export type SavedMapping = { version: number; at: string; hash: string; mapping: Mapping };

type Row = { version: number; at: string; hash: string; body: Uint8Array };

const sealedName = (study: string, version: number) => `mapping/${study}/${version}`;

/** Saves a mapping as the study's next version; one that equals the latest is that version. */
export function saveMapping(deps: DataDeps, mapping: Mapping): SavedMapping {
  const { study } = mapping;
  const bytes = encodeCanonical(mapping);
  const hash = toHex(sha256(bytes));
  const latest = rowsOf(deps, study).at(-1);
  if (latest?.hash === hash) return opened(deps, study, latest);
  const version = (latest?.version ?? 0) + 1;
  const at = new Date(deps.now()).toISOString();
  const body = deps.keys.seal(sealedName(study, version), bytes);
  deps.journal.transact('mapping.save', (tx) => {
    tx.run(
      'insert into saved_mapping (study, version, at, hash, body) values (?, ?, ?, ?, ?)',
      study,
      version,
      at,
      hash,
      body,
    );
    tx.append({ kind: 'mapping.saved', study, detail: { version, mapping: hash } });
  });
  return { version, at, hash, mapping };
}

/** Oldest first. */
export const savedMappings = (deps: DataDeps, study: string): SavedMapping[] =>
  rowsOf(deps, study).map((row) => opened(deps, study, row));

/** Version 0 is the latest. Throws MAPPING_UNKNOWN. */
export function savedMapping(deps: DataDeps, study: string, version: number): SavedMapping {
  const all = rowsOf(deps, study);
  const row = version === 0 ? all.at(-1) : all.find((each) => each.version === version);
  if (row) return opened(deps, study, row);
  const which = version === 0 ? 'No mapping' : `No version ${version} of a mapping`;
  throw new AssentError('MAPPING_UNKNOWN', `${which} was saved for ${study}. Run: assent-node mapping list ${study}`);
}

/** The mapping that a study is joined with, as text for its row. */
export const sealJoined = (deps: DataDeps, mapping: Mapping): Uint8Array =>
  deps.keys.seal(`mapping/${mapping.study}`, encodeCanonical(mapping));

export const openJoined = (deps: DataDeps, study: string, sealed: Uint8Array): Mapping =>
  parseMapping(decodeCanonical(deps.keys.open(`mapping/${study}`, sealed)));

const rowsOf = (deps: DataDeps, study: string): Row[] =>
  deps.journal.read.all<Row>(
    'select version, at, hash, body from saved_mapping where study = ? order by version',
    study,
  );

const opened = (deps: DataDeps, study: string, { version, at, hash, body }: Row): SavedMapping => ({
  version,
  at,
  hash,
  mapping: parseMapping(decodeCanonical(deps.keys.open(sealedName(study, version), body))),
});
