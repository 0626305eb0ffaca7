// People, their keys, the institution's rules, and the exact bytes of all that people sign.
export const sql = `
-- name is a commitment, opened in the table opening: erasing that leaves history intact. Nobody is ever deleted.
create table person (
  id text primary key,
  login text not null unique,
  name text not null,
  roles text not null,
  state text not null check (state in ('active', 'deactivated')),
  since text not null
) strict;

-- sealed under argon2id of the person's own password: nobody else's opens it, nor does the store's passphrase.
create table person_key (
  public_key text primary key,
  person text not null references person,
  salt blob not null,
  sealed blob not null,
  state text not null check (state in ('active', 'retired')),
  since text not null
) strict;
create unique index person_key_active on person_key (person) where state = 'active';

-- Failed passwords in a row, and until when the next try has to wait.
create table sign_in (person text primary key references person, failures integer not null, not_before text not null) strict;

create table signed_record (hash text primary key, kind text not null, bytes blob not null) strict;
create table rules (only integer primary key check (only = 1), hash text not null references signed_record) strict;
`;
