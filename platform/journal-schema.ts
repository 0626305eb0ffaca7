// Tables of the append-only journal, its Merkle tree and the wrapped keys: the first migration of every store.
export const sql = `
create table record (
  position integer primary key,
  at text not null,
  kind text not null,
  study text,
  round integer,
  leaf blob not null,
  bytes blob not null
) strict;
create index record_by_kind on record (kind, position);
create trigger record_is_append_only before update on record begin select raise(abort, 'records are never changed'); end;
create trigger record_is_kept before delete on record begin select raise(abort, 'records are never deleted'); end;
create table tree (level integer not null, place integer not null, hash blob not null, primary key (level, place)) strict, without rowid;
create table checkpoint (size integer primary key, at text not null, root blob not null, note blob not null) strict;
create table opening (commitment text primary key, salt blob not null, value text not null) strict;
create table keyring (only integer primary key check (only = 1), salt blob not null, proof blob not null) strict;
create table identity (name text primary key, public_key blob not null, sealed blob not null) strict;
`;

/** Openings know the record that they belong to, so that those about one person or data set can be found and erased. */
export const openings = `
alter table opening add column position integer;
update opening set position =
  (select position from record where instr(bytes, cast(commitment as blob)) > 0 order by position limit 1);
create index opening_by_position on opening (position);
`;
