// The log as FHIR R4 AuditEvents, in one Bundle or one a line. docs/exports.md has the mapping.
import { visible } from '../../shared/text/visible.ts';
import { APPLICATION_SERVER, dicom, PERSON, ROLES, SYSTEM_OBJECT } from './fhir-codes.ts';
import { meaningOf, type Subject } from './kinds.ts';
import type { Row } from './rows.ts';
import type { View } from './view.ts';

/** Defined by docs/fhir/StructureDefinition-log-position.json. */
export const LOG_POSITION = 'urn:assent:fhir:log-position';
/** Naming systems of the identifiers and codes. */
const SYSTEMS = {
  log: 'urn:assent:log',
  kind: 'urn:assent:audit-kind',
  person: 'urn:assent:person',
  round: 'urn:assent:round',
  study: 'urn:assent:study',
  dataset: 'urn:assent:dataset',
  member: 'urn:assent:member',
  model: 'urn:assent:model',
} as const;

type Identifier = { system: string; value: string };

export async function* fhirNdjson(view: View): AsyncGenerator<string> {
  for await (const page of view.rows) yield page.map((row) => `${JSON.stringify(auditEvent(row, view))}\n`).join('');
}

/** A collection; each entry is named by a UUID made of its leaf hash, so that the same record has the same name every time. */
export async function* fhirBundle(view: View): AsyncGenerator<string> {
  const { origin, checkpoint } = view;
  const head = JSON.stringify({
    resourceType: 'Bundle',
    identifier: { system: SYSTEMS.log, value: `${origin}/${checkpoint.size}/${checkpoint.root}` },
    type: 'collection',
    timestamp: checkpoint.at,
  });
  const entry = (row: Row) =>
    JSON.stringify({ fullUrl: `urn:uuid:${uuidOf(row.leaf)}`, resource: auditEvent(row, view) });
  let empty = true;
  for await (const page of view.rows) {
    if (page.length === 0) continue;
    yield `${empty ? `${head.slice(0, -1)},"entry":[` : ','}\n${page.map(entry).join(',\n')}`;
    empty = false;
  }
  // A list without entries is no FHIR.
  yield empty ? `${head}\n` : '\n]}\n';
}

function auditEvent(row: Row, { origin, institution, consortium, software }: View) {
  const meaning = meaningOf(row.kind);
  const human = row.actors.map(({ person, key, name }) => ({
    ...(person !== '' && { who: { identifier: { system: SYSTEMS.person, value: person } } }),
    ...(key !== '' && { altId: key }),
    ...(name !== '' && { name }),
    requestor: true,
  }));
  const program = {
    type: { coding: [dicom('110150')] },
    who: { identifier: { system: SYSTEMS.log, value: origin }, display: software },
    requestor: human.length === 0,
  };
  return {
    resourceType: 'AuditEvent',
    id: `${row.index}-${row.leaf.slice(0, 16)}`,
    extension: [
      {
        url: LOG_POSITION,
        extension: [
          { url: 'log', valueString: origin },
          { url: 'index', valueUnsignedInt: row.index },
          { url: 'leafHash', valueString: row.leaf },
        ],
      },
    ],
    type: dicom(meaning.type),
    subtype: [
      ...(meaning.subtype ? [dicom(meaning.subtype)] : []),
      { system: SYSTEMS.kind, code: visible(row.kind), display: visible(row.kind) },
    ],
    action: meaning.action,
    recorded: row.at,
    outcome: meaning.failed ? '4' : '0',
    outcomeDesc: row.sentence,
    agent: [...human, program],
    source: {
      ...(institution !== '' && { site: visible(`${institution} (${consortium})`) }),
      observer: { identifier: { system: SYSTEMS.log, value: origin } },
      type: [APPLICATION_SERVER],
    },
    entity: [entityOf(row, meaning.subject)],
  };
}

/** A round where the record is of one; otherwise what the kind is about. All that the record says stands in its details. */
function entityOf(row: Row, subject: Subject) {
  const about = row.round > 0 ? 'round' : row.about !== '' ? 'person' : subject;
  const identifier = identifierOf(row, about);
  const detail = Object.entries(row.detail).flatMap(([type, value]) => {
    const text = visible(typeof value === 'string' ? value : JSON.stringify(value));
    // A text without a letter is no FHIR either.
    return value === null || text.trim() === '' ? [] : [{ type: visible(type), valueString: text }];
  });
  return {
    ...(identifier && { what: { identifier } }),
    type: about === 'person' ? PERSON : SYSTEM_OBJECT,
    role: ROLES[about],
    name: identifier?.value ?? visible(row.kind),
    ...(detail.length > 0 && { detail }),
  };
}

function identifierOf({ study, round, attempt, about, detail, actors }: Row, subject: Subject): Identifier | undefined {
  const named = (system: string, value: unknown): Identifier | undefined =>
    typeof value === 'string' && value !== '' ? { system, value: visible(value) } : undefined;
  switch (subject) {
    case 'round':
      return round > 0
        ? { system: SYSTEMS.round, value: `${study}/${round}/${attempt || 1}` }
        : named(SYSTEMS.study, study);
    case 'study':
      return named(SYSTEMS.study, study);
    case 'person':
      return named(SYSTEMS.person, about || actors[0]?.person);
    case 'data':
      return named(SYSTEMS.dataset, detail['dataset']);
    case 'member':
      return named(SYSTEMS.member, detail['member']);
    case 'model':
      return named(SYSTEMS.model, detail['model']);
    case 'rules':
    case 'log':
    case 'program':
      return undefined;
  }
}

/** Version 8 (RFC 9562): the first 122 bits are the leaf hash's. */
function uuidOf(leaf: string): string {
  const variant = ((Number.parseInt(leaf[16]!, 16) & 3) | 8).toString(16);
  const all = `${leaf.slice(0, 12)}8${leaf.slice(13, 16)}${variant}${leaf.slice(17, 32)}`;
  return all.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
