// Members, studies, rounds, what members sent and what they are told. Signed things are kept as their exact bytes.
export const sql = `
create table consortium (only integer primary key check (only = 1), id text not null, name text not null) strict;

create table member (
  id text primary key,
  name text not null,
  state text not null check (state in ('invited', 'enrolled', 'admitted', 'removed')),
  since text not null,
  keys text
) strict;
create table invitation (
  token text primary key,
  member text not null references member,
  expires text not null,
  enrolment blob
) strict;
create table directory (
  sequence integer primary key,
  hash text not null unique,
  at text not null,
  bytes blob not null,
  signature blob not null
) strict;

create table study (
  id text primary key,
  hash text not null,
  bytes blob not null,
  signature blob not null,
  state text not null
) strict;
create table participant (
  study text not null references study,
  member text not null references member,
  bytes blob not null,
  signature blob not null,
  primary key (study, member)
) strict;
create table round (
  study text not null references study,
  round integer not null,
  attempt integer not null,
  plan text not null unique,
  bytes blob not null,
  signature blob not null,
  opened_at text not null,
  input_model text not null,
  result text check (result in ('aggregated', 'aborted')),
  outcome blob,
  outcome_signature blob,
  closed_at text,
  primary key (study, round, attempt)
) strict;
create table decision (
  hash text primary key,
  study text not null,
  round integer not null,
  attempt integer not null,
  member text not null references member,
  bytes blob not null,
  signature blob not null,
  foreign key (study, round, attempt) references round
) strict;
create table statement (
  hash text primary key,
  study text not null,
  round integer not null,
  attempt integer not null,
  member text not null references member,
  blob text not null,
  size integer not null,
  bytes blob not null,
  signature blob not null,
  foreign key (study, round, attempt) references round
) strict;
create table model (study text not null references study, sha256 text not null, bytes integer not null, primary key (study, sha256)) strict;

create table event (
  sequence integer primary key,
  kind text not null check (kind in ('directory', 'study', 'plan', 'outcome', 'studyState')),
  bytes blob not null,
  signature blob not null
) strict;
create table inbox (
  member text not null references member,
  sequence integer not null references event,
  primary key (member, sequence)
) strict, without rowid;
`;
