// What somebody with access to a store's file can do to its log, and its program would refuse.
import Database from 'better-sqlite3';
import type { Journal } from '../../platform/journal.ts';

/** Changes the file of a journal that is open: the program reads what was made of it. */
export function damage({ read }: Pick<Journal<string>, 'read'>, change: (db: Database.Database) => void): void {
  const db = new Database(read.get<{ file: string }>('select file from pragma_database_list')!.file);
  db.pragma('foreign_keys = OFF');
  db.exec('drop trigger if exists record_is_append_only; drop trigger if exists record_is_kept');
  change(db);
  db.close();
}

/** Flips one bit in the middle of a value. */
export const flipBit = (table: string, column: string, where: string) => (db: Database.Database) => {
  const { bytes } = db.prepare(`select ${column} as bytes from ${table} where ${where}`).get() as { bytes: Buffer };
  const flipped = Buffer.from(bytes);
  flipped[flipped.length >> 1]! ^= 1;
  db.prepare(`update ${table} set ${column} = ? where ${where}`).run(flipped);
};
