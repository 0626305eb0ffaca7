// What the verifier found, in words: for the command line and the page in the browser.

import type { ReceiptResult } from './receipt-file.ts';
import type { Signer } from './note.ts';
import { visible } from './sense/lines.ts';
import type { EvidenceResult, KeyStanding } from './verify-evidence.ts';
import type { ExportResult } from './verify.ts';

const describe = ({ name, time }: Signer) =>
  time === null ? name : `${name} at ${new Date(time * 1000).toISOString().replace('.000', '')}`;

const CONFIRMED = { policy: 'confirmed by your policy', fingerprint: 'confirmed by the fingerprint that you typed' };

const standing = ({ whose, key, confirmed }: KeyStanding) =>
  `Key of ${whose}, ${key.slice(0, 16)}: ${confirmed === null ? 'UNCONFIRMED, it came with the package' : CONFIRMED[confirmed]}`;

function evidenceInWords({ from, to, withheld, openings, keys, ...rest }: EvidenceResult, size: number): string[] {
  const { rounds, signatures, verdict } = rest.sense;
  const whole = from === 0 && to === size ? 'the whole log' : `records ${from} to ${to - 1} of ${size}`;
  const nothing = 'What cannot be judged for that is said to be not shown.';
  return [
    `Shown: ${whole}${withheld > 0 ? `, of which ${withheld} are withheld and stand there by their hash alone. ${nothing}` : ''}`,
    `Rounds: ${rounds.ok} ok, ${rounds.notShown} not shown, ${rounds.failed} failed; ${signatures} signatures of people and installation checked`,
    ...(verdict === 'ok' ? [] : ['Not everything could be judged: see the lines marked NOT SHOWN']),
    ...keys.map(standing),
    `Fingerprint of whose log this is: ${rest.fingerprint}`,
    `The policy that came with the package is ${rest.ownPolicy}`,
    ...(openings > 0 ? [`Names and texts opened: ${openings}`] : []),
    ...(rest.unvouched.length > 0 ? [`Signed by nobody: ${rest.unvouched.join(', ')}`] : []),
  ];
}

/** Several lines, each with its line feed; the first one is the verdict. */
export function reportInWords(result: ExportResult): string {
  const lines: string[] = [];
  if (result.ok) {
    const { size, root, origin, authenticated, signers, unconfirmed, evidence } = result;
    // Of evidence each key has a line of its own that says who confirmed it.
    const unknown = evidence ? [] : unconfirmed;
    const known = signers.filter((signer) => !unknown.includes(signer));
    const word = evidence?.sense.verdict === 'not-shown' ? 'NOT SHOWN IN FULL' : 'OK';
    const content = `${word}: ${size} ${size === 1 ? 'record' : 'records'} of ${origin}, root ${root}`;
    lines.push(
      authenticated
        ? `${content}, signed by ${known.map(describe).join(', ')}`
        : `${content}: consistent, signer not authenticated (give --key or --policy)`,
    );
    if (authenticated && unknown.length > 0)
      lines.push(
        `    and by keys that came with the export, which nobody has confirmed: ${unknown.map(describe).join(', ')}`,
      );
    if (evidence) lines.push(...evidenceInWords(evidence, size));
  } else {
    lines.push(`FAILED: ${result.where} ${visible(result.message)}`);
    for (const { index, message } of result.sense?.findings.slice(1) ?? [])
      lines.push(`        record ${index} ${visible(message)}`);
    const more = (result.sense?.found ?? 0) - (result.sense?.findings.length ?? 0);
    if (more > 0) lines.push(`        and ${more} more`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

export function receiptInWords(result: ReceiptResult): string {
  if (!result.ok) return `FAILED: ${result.message}`;
  const { member, round, study, weight, statement, index, outcomeIndex, size, origin, root, signers } = result;
  const content = `record ${index} of ${origin} counts update ${statement} of ${member} in round ${round} of ${study} with weight ${weight}, and record ${outcomeIndex} its aggregate ${result.aggregate}; ${size} records, root ${root}`;
  return result.authenticated
    ? `OK: ${content}, signed by ${signers.map(describe).join(', ')}`
    : `OK: ${content}: consistent, signer not authenticated (give --key or --policy)`;
}
