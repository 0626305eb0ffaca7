// The sections of the window in the order of the rail, and who has business there: what is outside one's roles is absent.
import type { IconName } from './parts/icons.ts';
import type { Section } from './router.svelte.ts';

type Entry = { section: Section; icon: IconName; roles: readonly string[] | 'all'; oversight: boolean };

const SECTIONS: readonly Entry[] = [
  { section: 'rounds', icon: 'clock', roles: 'all', oversight: false },
  { section: 'studies', icon: 'page', roles: 'all', oversight: false },
  { section: 'data', icon: 'data', roles: ['steward', 'approver', 'auditor'], oversight: false },
  { section: 'audit', icon: 'seal', roles: ['auditor', 'admin'], oversight: true },
  { section: 'people', icon: 'people', roles: 'all', oversight: true },
  { section: 'settings', icon: 'sliders', roles: 'all', oversight: true },
];

/** Whose business a section is. */
export const rolesOf = (section: Section): Entry['roles'] =>
  SECTIONS.find((entry) => entry.section === section)?.roles ?? 'all';

export const sectionsFor = (roles: readonly string[]): Entry[] =>
  SECTIONS.filter((entry) => entry.roles === 'all' || entry.roles.some((role) => roles.includes(role)));
