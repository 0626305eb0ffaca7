// How this node gets to the coordinator: the proxy, its password sealed, and the authorities trusted for it.
export const sql = `
create table network (
  only integer primary key check (only = 1),
  proxy text,
  user text not null,
  password blob,
  ca text
) strict;
`;
