// What two parties of witnessing say to each other, however it is carried: a request of the C2SP tlog-witness protocol, or the
// answer to one. The checkpoint that goes with a refusal lets the log's owner see for itself what the witness holds.
import type { WitnessAnswer } from '../shared/transparency/witness.ts';

/** `request` is the SHA-256 of the body that it answers, hex; `checkpoint` is empty where nothing was cosigned. */
export type Answer = WitnessAnswer & { request: string; checkpoint: Uint8Array };
/** `party` is whom it is for, or whom it is from. */
export type Letter =
  { kind: 'request'; party: string; body: Uint8Array } | { kind: 'answer'; party: string; answer: Answer };
