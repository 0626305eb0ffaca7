// What left this computer, in English.
export const outbound = {
  title: 'What left',
  left: (bytes: string, requests: string) => `${bytes} left this computer in these days, in ${requests}.`,
  leftFor: (bytes: string, requests: string, what: string) =>
    `${bytes} left this computer in these days for “${what}”, in ${requests}.`,
  requests: (n: number, said: string) => (n === 1 ? '1 request' : `${said} requests`),
  nothing: 'Nothing left this computer in these days.',
  means:
    'Each request is written down before its first byte leaves, with one of eleven purposes; none of them is for rows of data. This can’t show what other programs of this computer sent.',
  period: 'Days',
  periods: { today: 'Today', week: '7 days', month: '30 days', year: '400 days', own: 'Days of my own' },
  from: 'From',
  to: 'To',
  dayHint: 'Days begin and end at midnight UTC.',
  badDays: 'The first day comes after the last.',
  tooMany: 'At most 400 days at a time.',
  purpose: 'What for',
  everyPurpose: 'All purposes',
  kinds: {
    update: 'Model update',
    decision: 'Decision on a round',
    join: 'Joining a study',
    leave: 'Leaving a study',
    enrolment: 'Joining the consortium',
    download: 'Asking for a model',
    receipt: 'Asking for a receipt',
    witness: 'Signatures on logs',
    watch: 'Asking what is new',
    greeting: 'First contact',
    tunnel: 'Asking the proxy for a way',
  } as Record<string, string>,
  days: 'Day by day',
  dayColumns: { day: 'Day', requests: 'Requests', bytes: 'Bytes', state: 'Its record' },
  states: {
    open: 'Not on record yet',
    summed: 'Agrees',
    differs: 'Differs',
    removed: 'Rows no longer kept',
  } as Record<string, string>,
  agree: (n: number) =>
    n === 1
      ? '1 day is on record, and its rows agree with the record.'
      : `${n} days are on record, and the rows of each agree with its record.`,
  noneYet: 'No day of these is on record yet: a day is put on record once it is over.',
  differ: (n: number) =>
    n === 1 ? 'The rows of 1 day are not those of its record' : `The rows of ${n} days are not those of their records`,
  differMeans:
    'Rows were changed, added or removed after the day was put on record. The record is in the log and can’t change unseen: it says what left, not the rows. Export an evidence package, and compare the store with a backup.',
  interrupted: (n: number) =>
    n === 1
      ? 'Of 1 request nobody knows how much left, since the program ended; it counts in full.'
      : `Of ${n} requests nobody knows how much left, since the program ended; they count in full.`,
  onlyThisDay: (day: string) => `Show only ${day}`,
  plot: 'Bytes a day',
  plotSaid: (days: number, most: string, day: string) => `Bytes of ${days} days; the most is ${most}, on ${day}.`,
  asTable: 'Show as table',
  rows: 'Request by request',
  newest: 'newest first',
  columns: { time: 'Time', to: 'To', what: 'What for', body: 'Body, bytes', all: 'In all, bytes', result: 'Result' },
  unknown: 'not known',
  round: (study: string, round: string) => `round ${round}, ${study}`,
  again: (n: number) => `sent for the ${n === 2 ? '2nd' : n === 3 ? '3rd' : `${n}th`} time`,
  results: {
    accepted: 'Accepted',
    refused: 'Refused',
    absent: 'Not there yet',
    broken: 'Broke off',
    interrupted: 'Interrupted',
  } as Record<string, string>,
  older: 'Older requests',
  noMatch: 'No request of these days is for this.',
  shown: (n: string) => `${n} shown`,
  empty: 'Nothing has left yet',
  emptyText:
    'Every request to anybody outside this computer will stand here: when, to whom, what for, and how many bytes. After each day its sum goes into the log, so that no row can be taken away unseen.',
  exact: 'Headers and body, as handed to the connection; encryption adds to it. A request stands here once it is over.',
};
