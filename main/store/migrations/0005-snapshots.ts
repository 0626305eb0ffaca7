// Snapshots of data sets, identifiers of their rows, quality reports, saved mappings: all that tells of rows is sealed.
export const sql = `
-- Written from the first withdrawal on; number 1 is the import. Rows that a later snapshot has no more are erased: what
-- remains of an old one is this line.
create table snapshot (
  dataset text not null references dataset (id),
  number integer not null,
  hash text not null,
  at text not null,
  rows integer not null,
  withdrawn integer not null,
  primary key (dataset, number)
) strict;

-- Sealed salted hashes of one chosen column, a row of them for each row group.
create table row_identifier (
  dataset text not null references dataset (id),
  number integer not null,
  body blob not null,
  primary key (dataset, number)
) strict;

create table quality (dataset text primary key references dataset (id), snapshot text not null, body blob not null) strict;

create table saved_mapping (
  study text not null references study (id),
  version integer not null,
  at text not null,
  hash text not null,
  body blob not null,
  primary key (study, version)
) strict;
`;
