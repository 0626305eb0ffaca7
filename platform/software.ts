// What this program calls itself in records and to its peers.
import manifest from '../package.json' with { type: 'json' };

export const SOFTWARE = `assent ${manifest.version}`;
