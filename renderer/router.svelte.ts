// Where the window is: the part of the address after #.
import type { Component } from 'svelte';

// oxlint-disable-next-line typescript/no-explicit-any -- each page takes its own parameters
type Page = Component<any>;
export type Route = {
  /** `/data/:id`; a part `#position` takes digits alone. */
  path: string;
  section: Section;
  /** Whose page it is, where it is not everybody's of its section. */
  roles?: readonly string[];
  page: () => Promise<{ default: Page }>;
};
export type Section = 'rounds' | 'studies' | 'data' | 'audit' | 'people' | 'settings';

const hashPath = () => globalThis.location.hash.slice(1) || '/rounds';

let path = $state(hashPath());
addEventListener('hashchange', () => (path = hashPath()));

type Match = { route: Route; parameters: Record<string, string> };

/** Undefined where there is no such page. */
export function matchOf(routes: readonly Route[], wanted: string): Match | undefined {
  for (const route of routes) {
    const parameters = fits(route, wanted);
    if (parameters) return { route, parameters };
  }
  return undefined;
}

/** The parameters with which this route is that path; undefined where it is another. */
function fits({ path }: Route, wanted: string): Record<string, string> | undefined {
  const [names, parts] = [path.split('/'), wanted.split('/')];
  if (names.length !== parts.length) return undefined;
  const parameters: Record<string, string> = {};
  const same = names.every((name, at) => {
    if (!/^[:#]/.test(name)) return name === parts[at];
    const value = decoded(parts[at]!);
    if (value === undefined || (name.startsWith('#') && !/^\d{1,9}$/.test(value))) return false;
    parameters[name.slice(1)] = value;
    return true;
  });
  return same ? parameters : undefined;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** The nearest page above this one. */
export function aboveOf(routes: readonly Route[], path: string): string | undefined {
  const parts = path.split('/').slice(0, -1);
  for (; parts.length > 1; parts.pop()) {
    const above = parts.join('/');
    if (routes.some((route) => fits(route, above))) return above;
  }
  return undefined;
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
