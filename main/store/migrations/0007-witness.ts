// Anchors of the own log and logs that are witnessed here; and what the coordinator is to be told of a successor log.
import * as witness from '../../../platform/witness-schema.ts';

export const sql = `${witness.sql}
-- decision: what admins signed; record, signatures and checkpoint: what goes to the coordinator, until it is told.
create table successor (
  origin text primary key,
  decision blob not null,
  record blob not null,
  member_signature blob not null,
  log_signature blob not null,
  checkpoint blob not null,
  told integer not null default 0
) strict;
`;
