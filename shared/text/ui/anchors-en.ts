// Anchors of the own log and its successor, in English.
export const anchors = {
  title: 'Anchors',
  by: (n: number, of: number) => `Anchored by ${n} of ${of}`,
  byNobody: 'Not anchored',
  lead: (n: number, of: number, size: string, time: string) =>
    `${n} of ${of} others have signed this log’s state of ${size} records, the last on ${time}.`,
  leadNobody: (of: number) => `None of the ${of} others who are asked has signed this log’s state yet.`,
  leadBehind: (n: number, of: number, size: string) =>
    `Of what is here, ${size} records are signed by ${n} of ${of} others; what they hold beyond that is not here.`,
  proves:
    'A signature of another party shows that the log up to there was already as it is now: nobody can change, drop or reorder these records without all who signed.',
  provesNot:
    'It doesn’t show that a record is true, that everything was recorded, or anything about records that came after it.',
  facts: { anchored: 'Anchored', records: 'Records in the log', after: 'Not anchored yet', last: 'Last signature' },
  recordsOf: (n: string) => `${n} records`,
  never: 'none yet',
  staleTitle: 'Nobody has signed this log for 24 hours',
  staleText:
    'Until somebody does, whoever holds this computer could still change the records after the last signature unseen. Look whether the coordinator can be reached, under Settings; signatures come by themselves as soon as it is.',
  witnesses: 'Who signs this log',
  witnessColumns: { who: 'Who', size: 'Records signed', at: 'When', state: 'State' },
  coordinator: 'Coordinator',
  current: 'Up to the latest anchor',
  behind: 'An earlier state',
  nothing: 'Nothing signed yet',
  logs: 'Logs of this store',
  logColumns: { name: 'Log', key: 'Key to verify it with', from: 'Checkpoints above', to: 'Checkpoints up to' },
  logNow: 'written now',
  logsText: 'Each log has a key and checkpoints of its own; the records are those of this store.',
  witnessed: 'Logs that this node signs',
  witnessedColumns: { whose: 'Whose log', size: 'Records signed', at: 'When' },
  noWitnessed: 'No log of others was signed here yet.',
  alarms: 'A log of others contradicts what was signed here',
  alarmText: (who: string, time: string) => `${who}, ${time}`,
  values: {
    smaller: 'It shows fewer records than before. It may have been put back from a backup.',
    fork: 'It shows other records at the same place than before.',
    inconsistent: 'It shows a state that does not continue the earlier one.',
  } as Record<string, string>,
  alarmsMean: 'This node signs that log no more. Ask its owner; keep an evidence package of your own log.',
  empty: 'Nobody signs this log yet',
  emptyText:
    'Once your institution is in a consortium, the coordinator and the other members sign the state of your log, and yours signs theirs. From then on nobody can rewrite it unseen, its own admins included.',
  behindWord: 'Behind its anchor',
  ofThis: 'Of what is here',
  behindTitle: 'This log is behind its own anchor',
  behindText:
    'Others have signed more records of this log than this store holds. That happens when a store was put back from a backup. Until a successor log is started, nothing is decided, trained or sent here.',
  behindChoice:
    'If there is a later copy of this store, stop the program and put that back instead: then nothing is lost. Otherwise two admins start a successor log.',
  onlyAdmins: 'Admins start a successor log.',
  start: 'Start a successor log…',
  startTitle: 'Start a successor log',
  does: [
    'The log that was anchored ends. What others signed of it stays as it is, and stays verifiable.',
    'A new log with a new key goes on from the records that are here, and names the old one in its first record.',
    'What was under way ends: open rounds, messages that did not leave, standing policies.',
    'It can’t be taken back.',
  ],
  statement: 'This is what both admins sign',
  signing: 'Signing …',
  startNow: 'Sign and start',
  typeIt: 'Type your password.',
  movedTitle: 'The statement has changed; nothing was signed',
  movedText:
    'Others hold another number of records by now. Read the statement again; both passwords have to be typed again.',
  started: (kept: string) => `The successor log is written. It keeps ${kept} records of the log before.`,
};
