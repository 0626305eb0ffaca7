// Membership, studies, rounds, approvals and the outbox.
export const sql = `
create table coordinator (
  only integer primary key check (only = 1),
  consortium text not null,
  member text not null,
  url text not null,
  keys text not null,
  admitted integer not null default 0,
  watched integer not null default 0
) strict;
create table directory (sequence integer primary key, hash text not null unique, bytes blob not null, signature blob not null) strict;

create table study (
  id text primary key,
  hash text not null,
  bytes blob not null,
  signature blob not null,
  stage text not null check (stage in ('offered', 'joined')),
  phase text not null,
  reason text not null default '',
  model text,
  dataset text,
  snapshot text,
  mapping blob,
  rows integer,
  kept integer not null default 0
) strict;

create table policy (
  hash text primary key,
  study text not null references study,
  bytes blob not null,
  signature blob not null,
  installation_signature blob not null,
  state text not null check (state in ('active', 'revoked'))
) strict;

create table approval (
  hash text primary key,
  study text not null,
  round integer not null,
  attempt integer not null,
  bytes blob not null,
  signature blob not null,
  installation_signature blob not null,
  state text not null check (state in ('valid', 'used')),
  foreign key (study, round, attempt) references round
) strict;

create table round (
  study text not null references study,
  round integer not null,
  attempt integer not null,
  plan text not null,
  bytes blob not null,
  signature blob not null,
  stage text not null check (stage in
    ('awaiting', 'blocked', 'declined', 'lapsed', 'approved', 'training', 'trained', 'sealed', 'sending', 'sent', 'failed')),
  code text,
  approval text,
  runs integer not null default 0,
  trained text,
  examples integer,
  metrics text,
  statement blob,
  statement_signature blob,
  sealed text,
  outcome text,
  result text,
  outcome_bytes blob,
  outcome_signature blob,
  primary key (study, round, attempt)
) strict;

create index round_open on round (stage) where outcome is null;

create table outbox (
  id integer primary key,
  purpose text not null check (purpose in ('enrolment', 'join', 'decision', 'update')),
  record text not null,
  bytes blob not null,
  signature blob not null,
  study text,
  round integer,
  attempt integer,
  blob text,
  state text not null check (state in ('intended', 'delivered', 'refused')),
  code text,
  at text not null,
  not_after text
) strict;
create index outbox_by_state on outbox (state, id);

create table model (study text primary key references study, sha256 text not null, metrics text not null) strict;
create table local_model (
  study text primary key references study,
  sha256 text not null,
  snapshot text not null,
  metrics text not null,
  at text not null
) strict;
`;
