// The audit log, its records and its checks, in English.
export const audit = {
  pages: { log: 'Records', outbound: 'What left', anchors: 'Anchors' },
};
