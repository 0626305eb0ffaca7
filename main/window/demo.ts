// What `npm start` leaves beside the store of a demo: the passphrase, and made-up people with their passwords, so that somebody who
// looks around types neither. An installation that is no demo has no such file.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Keeper } from './installation.ts';

const demo = z.strictObject({
  passphrase: z.string().min(8),
  people: z
    .array(z.strictObject({ login: z.string(), name: z.string(), roles: z.array(z.string()), password: z.string() }))
    .max(20),
});
export type Demo = z.infer<typeof demo>;

export const demoFile = (home: string): string => join(home, 'demo.json');

/** Undefined where the folder holds no demo. Throws where the file is none of ours. */
export function readDemo(home: string): Demo | undefined {
  const file = demoFile(home);
  return existsSync(file) ? demo.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

/** Opens the store of a demo at each start. */
export const demoKeeper = ({ passphrase }: Demo): Keeper => ({
  name: 'the demo',
  keeps: true,
  load: async () => passphrase,
  save: async () => {},
});
