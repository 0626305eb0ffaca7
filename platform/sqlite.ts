// Opens SQLite the way every store of Assent is opened: durable, strict, migrated in numbered steps.
import Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { AssentError } from '../shared/errors.ts';

export type Sqlite = Database.Database;
export type Migration = { name: string; sql: string };

/** Opens for writing and brings the tables up to date; each migration is one transaction. Throws STORE_TOO_NEW. */
export function openDatabase(file: string, migrations: readonly Migration[]): Sqlite {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('secure_delete = ON'); // a destroyed data key must not linger in a free page
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > migrations.length) {
    db.close();
    throw new AssentError(
      'STORE_TOO_NEW',
      `${file} is at version ${version}; this program knows ${migrations.length}. Install the newer version again.`,
    );
  }
  for (let next = version; next < migrations.length; next++) {
    db.transaction(() => {
      db.exec(migrations[next]!.sql);
      db.pragma(`user_version = ${next + 1}`);
    })();
  }
  return db;
}

export function openReadOnly(file: string): Sqlite {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  db.pragma('query_only = ON');
  return db;
}

/** Whether a living process holds the folder now. What a dead one left written there says nothing. */
export function folderInUse(folder: string): boolean {
  if (!existsSync(`${folder}/lock`)) return false;
  try {
    lockFolder(folder).release();
    return false;
  } catch (error) {
    if (error instanceof AssentError && error.code === 'STORE_IN_USE') return true;
    throw error;
  }
}

/** Holds `folder` for this process until it ends, however it ends: the operating system drops the lock with the process. */
export function lockFolder(folder: string): { release(): void } {
  const db = new Database(`${folder}/lock`, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    throw new AssentError('STORE_IN_USE', `Another process has ${folder} open.`, { folder }, cause);
  }
  return { release: () => db.close() };
}
