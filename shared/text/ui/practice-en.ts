// Practising with a sample round, in English.
export const practice = {
  open: 'Practise with a sample round',
  openFor: (study: string) => `Practise: ${study}`,
  title: 'Practice round',
  chip: 'Practice',
  mark: 'Practice: nothing is sent, signed or recorded',
  about:
    'This is what a round of this study looks like, computed on your own rows. You decide as in a real round, and see the update that would leave. Leaving the page ends it.',
  starts: (round: string) => `It starts from the model that round ${round} led to, as the next real round would.`,
  startsFirst: 'It starts from the study’s first model.',
  newer: 'A newer model is known, but is not on this computer. Practice fetches nothing, so real figures will differ.',
  lead: (update: string, numbers: string, bytes: string) =>
    `In a real round, an approval has this computer train and send ${update}: ${numbers} numbers, ${bytes}.`,
  leaves: 'What a real round would send',
  steps: {
    read: 'Read',
    readNote: 'what would leave',
    decide: 'Decide',
    decideNote: 'nothing is signed',
    train: 'Train',
    trainNote: 'on your rows, here',
    look: 'Look',
    lookNote: 'at the update itself',
    end: 'End',
    endNote: 'nothing is kept',
  },
  reviewText: 'You read the statement first, as in a real round.',
  decide: {
    ifApprove: 'If you approved, you would sign',
    ifDecline: 'If you declined, you would sign',
    reasonAside: 'forgotten when you leave',
    noPassword: 'Practice asks for no password',
    noPasswordText: 'A real round asks for it here, and it signs. Type it only where you mean to sign.',
    approve: 'Approve, for practice',
    decline: 'Decline, for practice',
    both: 'Both ask for a reason. Nothing is signed.',
  },
  others: (n: number) =>
    n === 1
      ? 'In a real round your approval would be enough.'
      : `In a real round ${n} different people would have to approve before training starts.`,
  training: {
    title: 'Training for practice',
    nothingLeaves: 'Nothing leaves.',
    gives: 'If a real round has to train meanwhile, practice stops by itself.',
    stop: 'Stop practice',
    stopped: 'You stopped the training. Nothing was kept.',
  },
  look: {
    title: 'The update, for practice',
    lead: 'This is the update that a real round would compute. It is in memory only, and is forgotten with this page.',
    always:
      'Your rules ask people to look at every update before it leaves. In a real round two buttons would stand here: release it, or keep it.',
    norm: 'It is much larger than the last one that left, so your rules would ask people to look at it first.',
    free: 'Your rules would let this update leave without a second look.',
    over: 'In a real round this update would not leave: it is larger than the plan allows.',
    end: 'End practice',
  },
  end: {
    title: 'Practice has ended',
    kept: 'The update was thrown away. No record, no file and no entry of the log is left of it.',
    declined: 'You declined. In a real round nothing would be trained and nothing would leave.',
    again: 'Practise again',
    toStudy: 'Back to the study',
  },
  receipt: {
    title: 'Sample of a receipt',
    sample: 'Sample',
    loggedText:
      'In a real round, the coordinator’s log would have to count your update as you sent it. This node checks that by itself.',
    recomputedText: 'Where a study publishes its updates, this node would compute the average again and compare.',
    none: 'There is no receipt of practice, since nothing was sent.',
  },
};
