// Data sets: everything that tells of rows (values, column names, categories, file name) is sealed with the data set's own key.
export const sql = `
-- sealed_key is null while rows are still arriving, and again once the data set was deleted: then no row opens any more.
create table dataset (
  id text primary key,
  state text not null check (state in ('staged', 'ready', 'deleted')),
  imported_at text,
  sha256 text,
  bytes integer,
  rows integer,
  snapshot text,
  sealed_key blob,
  about blob,
  schema blob,
  check ((state = 'ready') = (sealed_key is not null and about is not null and schema is not null))
) strict;

create table row_group (
  dataset text not null references dataset (id),
  number integer not null,
  rows integer not null check (rows > 0),
  body blob not null,
  primary key (dataset, number)
) strict;
`;
