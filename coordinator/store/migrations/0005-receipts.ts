// Where in the log the records stand that a receipt shows, and which blobs are published to whom.
export const sql = `
-- Of the audit record update.accepted, and of round.aggregated.
alter table statement add column position integer;
alter table round add column position integer;
update statement set position = found.position from (
  select position, json_extract(cast(bytes as text), '$.detail.statement') as hash from record where kind = 'update.accepted'
) as found where found.hash = statement.hash;
update round set position = found.position from (
  select position, json_extract(cast(bytes as text), '$.detail.plan') as plan from record where kind = 'round.aggregated'
) as found where found.plan = round.plan;
drop index statement_round;
create index statement_round on statement (study, round, attempt, member);

-- An update that members other than its sender may fetch: those of the cohort of this round, which was aggregated.
create table published (
  blob text not null,
  study text not null,
  round integer not null,
  attempt integer not null,
  member text not null references member,
  primary key (blob, study, round, attempt, member),
  foreign key (study, round, attempt) references round
) strict, without rowid;
`;
