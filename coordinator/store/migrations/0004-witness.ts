// Anchors of the own log and logs that are witnessed here; and what members have said of successors of their logs.
import * as witness from '../../../platform/witness-schema.ts';

export const sql = `${witness.sql}
create table successor (
  hash text primary key,
  member text not null references member,
  record blob not null,
  member_signature blob not null,
  log_signature blob not null,
  checkpoint blob not null
) strict;
`;
