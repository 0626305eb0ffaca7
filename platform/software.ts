// What this program calls itself in records and to its peers.
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
export const SOFTWARE = `assent ${version}`;
