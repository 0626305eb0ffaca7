// Codes of other people's systems that FHIR wants in an AuditEvent, with the words that go with them.
import type { EventType, Subject, Subtype } from './kinds.ts';

export type Coding = { system: string; code: string; display: string };

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';

const EVENTS: Record<EventType | Subtype | '110150', string> = {
  '110100': 'Application Activity',
  '110101': 'Audit Log Used',
  '110106': 'Export',
  '110107': 'Import',
  '110113': 'Security Alert',
  '110114': 'User Authentication',
  '110120': 'Application Start',
  '110122': 'Login',
  '110123': 'Logout',
  '110128': 'Network Configuration',
  '110129': 'Security Configuration',
  '110134': 'Audit Recording Started',
  '110136': 'Security Roles Changed',
  '110137': 'User Security Attributes Changed',
  '110150': 'Application',
};

export const dicom = (code: keyof typeof EVENTS): Coding => ({ system: DCM, code, display: EVENTS[code] });

const role = (code: string, display: string): Coding => ({ system: `${TERMINOLOGY}/object-role`, code, display });
const JOB = role('20', 'Job');
const SECURITY = role('13', 'Security Resource');

/** DICOM's roles of what an event is about. */
export const ROLES: Record<Subject, Coding> = {
  round: JOB,
  study: role('21', 'Job Stream'),
  person: role('11', 'Security User Entity'),
  data: role('17', 'Data Repository'),
  rules: SECURITY,
  member: role('12', 'Security User Group'),
  log: SECURITY,
  program: role('4', 'Domain Resource'),
  model: role('4', 'Domain Resource'),
};

export const PERSON: Coding = { system: `${TERMINOLOGY}/audit-entity-type`, code: '1', display: 'Person' };
export const SYSTEM_OBJECT: Coding = {
  system: `${TERMINOLOGY}/audit-entity-type`,
  code: '2',
  display: 'System Object',
};
export const APPLICATION_SERVER: Coding = {
  system: `${TERMINOLOGY}/security-source-type`,
  code: '4',
  display: 'Application Server',
};
