// What left this node, request by request; and for how long things are kept.
import { openings } from '../../../platform/journal-schema.ts';

export const sql = `
${openings}
create table endpoint (id integer primary key, method text not null, url text not null, unique (method, url)) strict;

-- The days that a record sums.
create table outbound_day (day integer primary key, position integer not null references record) strict;

-- A row is there before the first byte leaves, and is settled once. Days count from 1970-01-01, UTC, and never go back.
create table outbound (
  id integer primary key,
  day integer not null,
  at integer not null,
  settled integer,
  endpoint integer not null references endpoint,
  purpose text not null,
  study text,
  round integer,
  attempt integer,
  message integer,
  try integer not null,
  start integer not null,
  head integer,
  body integer not null,
  sha256 blob,
  status integer,
  error text
) strict;
create index outbound_by_day on outbound (day);
create index outbound_by_endpoint on outbound (endpoint);
create index outbound_by_message on outbound (message) where message is not null;
create index outbound_open on outbound (id) where settled is null;
create trigger outbound_is_settled_once before update on outbound when old.settled is not null
begin select raise(abort, 'what left is not changed afterwards'); end;
create trigger outbound_is_summed_first before delete on outbound
when old.day > coalesce((select max(day) from outbound_day), -1)
begin select raise(abort, 'what left is kept until it is summed'); end;

create table retention (only integer primary key check (only = 1), years integer not null check (years >= 6), hold integer not null) strict;
`;
