// What keeps the work of a round from growing with the rounds before it, and the refusals of updates, each once.
export const sql = `
create index statement_blob on statement (member, blob);
create index statement_round on statement (study, round, attempt);
create index model_hash on model (sha256);
create index event_kind on event (kind);

create table refusal (
  member text not null references member,
  about text not null,
  statement text not null,
  code text not null,
  primary key (member, about, statement, code)
) strict, without rowid;
`;
