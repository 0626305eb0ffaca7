// Approvals by several people, releases, policies signed by two, and who signed the joining or leaving of a study.
export const sql = `
-- From here on the bytes that people sign are in signed_record; those that one operator signed before stay there, too.
insert or ignore into signed_record (hash, kind, bytes) select hash, 'approval', bytes from approval;
insert or ignore into signed_record (hash, kind, bytes) select hash, 'policy', bytes from policy;
drop table approval;
drop table policy;

-- New stages: an update waits to be released, it was, or an approval was taken back. SQLite changes no check, so the column is
-- made anew; its default is never used.
drop index round_open;
alter table round add column stage_next text not null default 'blocked' check (stage_next in ('awaiting', 'blocked', 'declined',
  'lapsed', 'approved', 'training', 'trained', 'sealed', 'releasing', 'released', 'sending', 'sent', 'failed', 'revoked'));
update round set stage_next = stage;
alter table round drop column stage;
alter table round rename column stage_next to stage;
create index round_open on round (stage) where outcome is null;

-- The norm of the sealed update; why people have to see it first; the approval by which they released it.
alter table round add column norm text;
alter table round add column release_why text;
alter table round add column released text;

-- person is null where the installation signed under a policy.
create table approval (
  hash text primary key references signed_record,
  study text not null,
  round integer not null,
  attempt integer not null,
  purpose text not null check (purpose in ('train', 'release')),
  decision text not null check (decision in ('approve', 'decline')),
  person text references person,
  signature blob not null,
  installation_signature blob not null,
  state text not null check (state in ('valid', 'used', 'revoked')),
  foreign key (study, round, attempt) references round
) strict;
create index approval_round on approval (study, round, attempt);

create table policy (
  hash text primary key references signed_record,
  study text not null references study,
  state text not null check (state in ('proposed', 'active', 'replaced', 'revoked'))
) strict;
create table policy_signature (
  policy text not null references policy,
  person text not null references person,
  key text not null,
  signature blob not null,
  primary key (policy, person)
) strict;

create table participation (
  hash text primary key references signed_record,
  study text not null references study,
  decision text not null check (decision in ('join', 'leave')),
  person text not null references person
) strict;
alter table study add column left_at text;

-- More is sent than before: the purposes are those of outbox.ts.
alter table outbox add column purpose_next text not null default '';
update outbox set purpose_next = purpose;
alter table outbox drop column purpose;
alter table outbox rename column purpose_next to purpose;
`;
