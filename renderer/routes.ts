// The pages and their addresses; each is loaded when it is first shown.
import type { Route } from './router.svelte.ts';

export const ROUTES: readonly Route[] = [
  { path: '/rounds', section: 'rounds', page: () => import('./views/Rounds.svelte') },
  { path: '/rounds/:study/#round/#attempt', section: 'rounds', page: () => import('./views/Round.svelte') },
  { path: '/studies', section: 'studies', page: () => import('./views/Studies.svelte') },
  { path: '/studies/:id', section: 'studies', page: () => import('./views/Study.svelte') },
  { path: '/studies/:id/practice', section: 'studies', page: () => import('./views/Practice.svelte') },
  { path: '/data', section: 'data', page: () => import('./views/Data.svelte') },
  { path: '/data/new', section: 'data', roles: ['steward'], page: () => import('./views/NewData.svelte') },
  { path: '/data/:id', section: 'data', page: () => import('./views/DataSet.svelte') },
  { path: '/audit', section: 'audit', page: () => import('./views/AuditLog.svelte') },
  { path: '/audit/outbound', section: 'audit', page: () => import('./views/Outbound.svelte') },
  { path: '/audit/anchors', section: 'audit', page: () => import('./views/Anchors.svelte') },
  { path: '/audit/#position', section: 'audit', page: () => import('./views/AuditRecord.svelte') },
  { path: '/people', section: 'people', page: () => import('./views/People.svelte') },
  { path: '/consortium', section: 'settings', page: () => import('./views/Consortium.svelte') },
  { path: '/settings', section: 'settings', page: () => import('./views/Settings.svelte') },
];
