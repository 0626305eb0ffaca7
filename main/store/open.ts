// The institution's store: one folder, one owner process, one passphrase.
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AssentError } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { openBlobFiles, type BlobFiles } from '../../platform/blob-files.ts';
import * as journalSchema from '../../platform/journal-schema.ts';
import { openJournal, type Journal } from '../../platform/journal.ts';
import {
  createIdentity,
  createKeyring,
  openKeyring,
  signerOf,
  type Keyring,
  type Signer,
} from '../../platform/keyring.ts';
import { findConflict, guardLog } from '../../platform/log-conflict.ts';
import { logKey, logOrigin } from '../../platform/log-origin.ts';
import { SOFTWARE } from '../../platform/software.ts';
import { lockFolder } from '../../platform/sqlite.ts';
import type { NodeStep } from '../../platform/steps.ts';
import * as data from './migrations/0002-data.ts';
import * as round from './migrations/0003-round.ts';
import * as network from './migrations/0004-network.ts';
import * as snapshots from './migrations/0005-snapshots.ts';
import * as people from './migrations/0006-people.ts';
import * as ledger from './migrations/0009-ledger.ts';
import * as consent from './migrations/0010-consent.ts';
import * as witness from './migrations/0007-witness.ts';
import * as receipts from './migrations/0008-receipts.ts';

const MIGRATIONS = [
  { name: '0001-journal', sql: journalSchema.sql },
  { name: '0002-data', sql: data.sql },
  { name: '0003-round', sql: round.sql },
  { name: '0004-network', sql: network.sql },
  { name: '0005-snapshots', sql: snapshots.sql },
  { name: '0006-people', sql: people.sql },
  { name: '0009-ledger', sql: ledger.sql },
  { name: '0010-consent', sql: consent.sql },
  { name: '0008-receipts', sql: receipts.sql },
  { name: '0007-witness', sql: witness.sql },
];

export type NodeJournal = Journal<NodeStep>;
export type Store = {
  home: string;
  journal: NodeJournal;
  keyring: Keyring;
  blobs: BlobFiles;
  /** Updates of all members of a round while that round is computed again; empty otherwise. */
  published: BlobFiles;
  /** In memory while the store is open; people's own keys are not among them. A successor log brings another `log`. */
  keys: { member: Signer; log: Signer; witness: Signer };
  close(): void;
};

/** Where a running node says how it is reached: `{ url, token }`, readable by its owner alone. */
export const addressFile = (home: string): string => join(home, 'node.json');

export const storeExists = (home: string): boolean => existsSync(join(home, 'assent.db'));

/** Opens the store, or makes it when the folder has none. Throws STORE_IN_USE, PASSPHRASE_WRONG, STORE_TOO_NEW. */
export async function openStore(home: string, passphrase: string, now: () => number): Promise<Store> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  chmodSync(home, 0o700); // whoever made it: nobody else on this machine reads it
  const lock = lockFolder(home);
  // Left behind by a node that was killed: its port may be a stranger's by now.
  rmSync(addressFile(home), { force: true });
  let journal: NodeJournal | undefined;
  try {
    journal = openJournal<NodeStep>({ file: join(home, 'assent.db'), migrations: MIGRATIONS, now });
    const made = journal.read.get('select 1 from keyring');
    const keyring = made ? await openKeyring(journal.read, passphrase) : await create(journal, passphrase);
    const { read } = journal;
    const signer = (name: string) => signerOf(read, keyring, name);
    const keys = { member: signer('member'), log: signer('log'), witness: signer('witness') };
    const conflict = () => findConflict(read, logOrigin(keys.log.publicKey));
    if (!conflict()) journal.signWith({ key: logKey(keys.log.publicKey), sign: keys.log.sign });
    guardLog(journal, conflict);
    const opened = journal;
    return {
      home,
      journal,
      keyring,
      blobs: openBlobFiles(join(home, 'blobs')),
      published: openBlobFiles(join(home, 'published')),
      keys,
      close() {
        opened.close();
        lock.release();
      },
    };
  } catch (error) {
    journal?.close();
    lock.release();
    throw error;
  }
}

async function create(journal: NodeJournal, passphrase: string): Promise<Keyring> {
  if (passphrase.length < 8)
    throw new AssentError('PASSPHRASE_WRONG', 'A new store needs a passphrase of at least 8 characters.');
  const { keyring, save } = await createKeyring(passphrase);
  journal.transact('store.create', (tx) => {
    save(tx);
    const log = createIdentity(tx, keyring, 'log');
    createIdentity(tx, keyring, 'member');
    createIdentity(tx, keyring, 'witness');
    tx.append({
      kind: 'log.created',
      detail: { origin: logOrigin(log), log: toHex(log), software: SOFTWARE, program: 'node' },
    });
  });
  return keyring;
}
