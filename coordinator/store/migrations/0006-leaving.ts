// Signed leavings; each counts once, so that an old one that is sent again does not end a later joining.
export const sql = `
create table departure (
  record text primary key,
  study text not null references study,
  member text not null references member,
  bytes blob not null,
  signature blob not null
) strict;
alter table participant add column left_at text;
`;
