// full-disk-process.ts LOG-FOLDER DISK: exports the log of that folder onto a small disk in every format, and tells how each ended.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exportView } from '../../../main/audit/export-view.ts';
import { ed25519PublicKey, signEd25519 } from '../../../platform/crypto.ts';
import { openJournal } from '../../../platform/journal.ts';
import { logKey } from '../../../platform/log-origin.ts';
import { AssentError } from '../../../shared/errors.ts';
import { LOG_MIGRATIONS } from '../../support/evidence-store.ts';

const [folder = '', disk = ''] = process.argv.slice(2);
const seed = new Uint8Array(32).fill(7);
const publicKey = ed25519PublicKey(seed);
const journal = openJournal<string>({
  file: join(folder, 'audit.db'),
  migrations: LOG_MIGRATIONS,
  now: Date.now,
});
journal.signWith({ key: logKey(publicKey), sign: (message) => signEd25519(seed, message) });
const about = { institution: '', member: '', consortium: '', software: 'assent' };
const ended = [];
for (const format of ['csv', 'syslog', 'fhir-bundle', 'fhir-ndjson', 'pdf'] as const) {
  const asked = { format, path: join(disk, 'log'), filter: {}, names: true, language: 'en' as const };
  const code = await exportView(
    { journal, log: { publicKey }, ...about },
    asked,
    () => {},
    new AbortController().signal,
  ).then(
    () => 'done',
    (error: unknown) => (error instanceof AssentError ? error.code : String(error)),
  );
  ended.push({ format, code, left: readdirSync(disk) });
}
process.stdout.write(JSON.stringify(ended));
journal.close();
