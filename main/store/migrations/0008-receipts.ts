// Receipts that are due, verified or refused, and the last checkpoint of the coordinator's log that this node has seen.
export const sql = `
create table receipt (
  study text not null,
  round integer not null,
  attempt integer not null,
  state text not null check (state in ('logged', 'recomputed')),
  result text not null check (result in ('due', 'verified', 'refused')),
  code text,
  at text,
  evidence blob,
  primary key (study, round, attempt, state),
  foreign key (study, round, attempt) references round,
  check ((result = 'due') = (at is null and evidence is null)),
  check ((result = 'refused') = (code is not null))
) strict;
create index receipt_due on receipt (state, study, round, attempt) where result = 'due';
create index receipt_refused on receipt (study) where result = 'refused';
insert into receipt (study, round, attempt, state, result)
  select study, round, attempt, 'logged', 'due' from round where result = 'aggregated' and stage = 'sent';

create table coordinator_head (origin text primary key, size integer not null, note blob not null) strict;
`;
