// The coordinator's store: one folder, one owner process, one passphrase.
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AssentError } from '../../shared/errors.ts';
import { slug, type Keys } from '../../shared/records/fields.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { openBlobFiles, type BlobFiles } from '../../platform/blob-files.ts';
import * as journalSchema from '../../platform/journal-schema.ts';
import { openJournal, type Journal } from '../../platform/journal.ts';
import { createIdentity, createKeyring, openKeyring, signerOf, type Signer } from '../../platform/keyring.ts';
import { findConflict, guardLog } from '../../platform/log-conflict.ts';
import { logKey, logOrigin } from '../../platform/log-origin.ts';
import { SOFTWARE } from '../../platform/software.ts';
import { lockFolder, openReadOnly } from '../../platform/sqlite.ts';
import type { CoordinatorStep } from '../../platform/steps.ts';
import * as coordinator from './migrations/0002-coordinator.ts';
import * as bounds from './migrations/0003-bounds.ts';
import * as leaving from './migrations/0006-leaving.ts';
import * as witnessing from './migrations/0004-witness.ts';
import * as receipts from './migrations/0005-receipts.ts';
import { openUploads, type Uploads } from './uploads.ts';

const MIGRATIONS = [
  { name: '0001-journal', sql: journalSchema.sql },
  { name: '0002-coordinator', sql: coordinator.sql },
  { name: '0003-bounds', sql: bounds.sql },
  { name: '0006-leaving', sql: leaving.sql },
  { name: '0007-openings', sql: journalSchema.openings },
  { name: '0005-receipts', sql: receipts.sql },
  { name: '0004-witness', sql: witnessing.sql },
];

export type CoordinatorJournal = Journal<CoordinatorStep>;
export type Store = {
  home: string;
  journal: CoordinatorJournal;
  consortium: string;
  /** Models and aggregates. */
  models: BlobFiles;
  /** What one member sent; no member sees another's. */
  updates(member: string): BlobFiles;
  uploads: Uploads;
  member: Signer;
  log: Signer;
  witness: Signer;
  /** Public halves, hex. */
  keys: Keys;
  close(): void;
};

/** Where a running coordinator says how its operator reaches it: `{ url, token }`, readable by its owner alone. */
export const addressFile = (home: string): string => join(home, 'coordinator.json');

const fileOf = (home: string): string => join(home, 'coordinator.db');

/** What can be seen to be wrong before anybody chooses a passphrase. Throws STORE_EXISTS, REQUEST_INVALID. */
export function refuseNew({ home, consortium }: { home: string; consortium: string }): void {
  if (!slug.safeParse(consortium).success)
    throw new AssentError(
      'REQUEST_INVALID',
      `"${consortium}" is no name for a consortium: use lowercase letters, digits and hyphens, a letter first, 63 at most.`,
    );
  if (!existsSync(fileOf(home))) return;
  const db = openReadOnly(fileOf(home));
  try {
    // One whose creation was cut off holds nothing, and is made anew.
    const tables = "select 1 from sqlite_schema where type = 'table' and name = 'consortium'";
    if (db.prepare(tables).get() && db.prepare('select 1 from consortium').get()) throw storeExists(home);
  } finally {
    db.close();
  }
}

const storeExists = (home: string) =>
  new AssentError('STORE_EXISTS', `${home} holds a consortium already. Choose another folder with --home.`);

/** Makes a consortium in an empty folder. Throws STORE_EXISTS, REQUEST_INVALID, STORE_IN_USE. */
export async function createStore(o: {
  home: string;
  passphrase: string;
  consortium: string;
  name: string;
  now(): number;
}): Promise<Store> {
  refuseNew(o);
  if (o.passphrase.length < 8)
    throw new AssentError('REQUEST_INVALID', 'A new store needs a passphrase of at least 8 characters.');
  mkdirSync(o.home, { recursive: true, mode: 0o700 });
  return owning(o.home, async () => {
    const journal = openJournal<CoordinatorStep>({ file: fileOf(o.home), migrations: MIGRATIONS, now: o.now });
    try {
      if (journal.read.get('select 1 from consortium')) throw storeExists(o.home);
      const { keyring, save } = await createKeyring(o.passphrase);
      journal.transact('store.create', (tx) => {
        save(tx);
        const log = createIdentity(tx, keyring, 'log');
        createIdentity(tx, keyring, 'member');
        createIdentity(tx, keyring, 'witness');
        tx.run('insert into consortium (only, id, name) values (1, ?, ?)', o.consortium, o.name);
        const detail = { origin: logOrigin(log), log: toHex(log), software: SOFTWARE, program: 'coordinator' as const };
        tx.append({ kind: 'log.created', detail });
      });
    } finally {
      journal.close();
    }
    return opened(o);
  });
}

/** Throws STORE_MISSING, STORE_IN_USE, PASSPHRASE_WRONG, STORE_TOO_NEW. */
export async function openStore(o: { home: string; passphrase: string; now(): number }): Promise<Store> {
  if (!existsSync(fileOf(o.home)))
    throw new AssentError('STORE_MISSING', `${o.home} holds no coordinator's store.`, { home: o.home });
  return owning(o.home, () => opened(o));
}

async function owning(home: string, open: () => Promise<Omit<Store, 'close'> & { close(): void }>): Promise<Store> {
  chmodSync(home, 0o700); // whoever made it: nobody else on this machine reads it
  const lock = lockFolder(home);
  // Left behind by a coordinator that was killed: its port may be a stranger's by now.
  rmSync(addressFile(home), { force: true });
  try {
    const store = await open();
    return {
      ...store,
      close() {
        store.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function opened(o: { home: string; passphrase: string; now(): number }): Promise<Store> {
  const journal = openJournal<CoordinatorStep>({ file: fileOf(o.home), migrations: MIGRATIONS, now: o.now });
  try {
    const { read } = journal;
    const consortium = read.get<{ id: string }>('select id from consortium');
    if (!consortium)
      throw new AssentError('STORE_MISSING', `The store in ${o.home} was not created completely; create it again.`);
    const keyring = await openKeyring(read, o.passphrase);
    const [member, log, witness] = [
      signerOf(read, keyring, 'member'),
      signerOf(read, keyring, 'log'),
      signerOf(read, keyring, 'witness'),
    ];
    const conflict = () => findConflict(read, logOrigin(log.publicKey));
    if (!conflict()) journal.signWith({ key: logKey(log.publicKey), sign: log.sign });
    guardLog(journal, conflict);
    const folders = new Map<string, BlobFiles>();
    const updates = (id: string): BlobFiles => {
      const name = slug.parse(id);
      const found = folders.get(name) ?? openBlobFiles(join(o.home, 'updates', name));
      folders.set(name, found);
      return found;
    };
    return {
      home: o.home,
      journal,
      consortium: consortium.id,
      models: openBlobFiles(join(o.home, 'models')),
      updates,
      uploads: openUploads(read, updates),
      member,
      log,
      witness,
      keys: { member: toHex(member.publicKey), log: toHex(log.publicKey), witness: toHex(witness.publicKey) },
      close: () => journal.close(),
    };
  } catch (error) {
    journal.close();
    throw error;
  }
}
