// Where the window is: the part of the address after #.
import type { Component } from 'svelte';

// oxlint-disable-next-line typescript/no-explicit-any -- each page takes its own parameters
type Page = Component<any>;
export type Route = {
  /** `/data/:id` */
  path: string;
  section: Section;
  page: () => Promise<{ default: Page }>;
};
export type Section = 'rounds' | 'studies' | 'data' | 'people' | 'settings';

const hashPath = () => globalThis.location.hash.slice(1) || '/rounds';

let path = $state(hashPath());
addEventListener('hashchange', () => (path = hashPath()));

type Match = { route: Route; parameters: Record<string, string> };

/** The first of the routes where none fits. */
export function matchOf(routes: readonly Route[], wanted: string): Match {
  const parts = wanted.split('/');
  for (const route of routes) {
    const names = route.path.split('/');
    if (names.length !== parts.length) continue;
    const parameters: Record<string, string> = {};
    const fits = names.every((name, at) => {
      if (!name.startsWith(':')) return name === parts[at];
      parameters[name.slice(1)] = decodeURIComponent(parts[at]!);
      return true;
    });
    if (fits) return { route, parameters };
  }
  return { route: routes[0]!, parameters: {} };
}

export const router = {
  get path() {
    return path;
  },
};

export function goTo(to: string): void {
  globalThis.location.hash = to;
}
export const link = (...parts: string[]): string => `#/${parts.map(encodeURIComponent).join('/')}`;
