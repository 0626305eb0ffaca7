// Tables of both programs about anchors of the own log, and about the logs of others that are witnessed here.
export const sql = `
-- What witnesses have signed under checkpoints of the own log: the line as it was sent, and the second that it names.
create table cosignature (
  size integer not null references checkpoint,
  witness text not null,
  key blob not null,
  line text not null,
  time integer not null,
  primary key (size, witness, key)
) strict, without rowid;
create index cosignature_by_witness on cosignature (witness, size);

-- Logs of this store that another one took the place of; a checkpoint belongs to the first log whose "until" it does not exceed.
create table past_log (
  origin text primary key,
  public_key blob not null,
  since integer not null,
  until integer not null,
  at text not null
) strict;

-- States of the own log that witnesses hold and this store does not: the largest of each witness, signed by the log itself.
create table log_conflict (
  origin text not null,
  witness text not null,
  size integer not null,
  root blob not null,
  note blob not null,
  at text not null,
  primary key (origin, witness)
) strict;

-- The latest checkpoint of each log that was cosigned here, with the log's signature and the own one under it.
create table witnessed (
  origin text primary key,
  member text not null,
  size integer not null,
  root blob not null,
  note blob not null,
  time integer not null
) strict;

-- Signed checkpoints that contradict what was cosigned, one of each kind a log.
create table log_alarm (
  origin text not null,
  why text not null,
  member text not null,
  known blob not null,
  seen blob not null,
  at text not null,
  primary key (origin, why)
) strict;
`;
