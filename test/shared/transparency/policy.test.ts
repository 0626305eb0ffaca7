import { describe, expect, test } from 'vitest';
import { parseNote, verifyNote } from '../../../shared/transparency/note.ts';
import { encodePolicy, parsePolicy, policyAccepts, trustLog } from '../../../shared/transparency/policy.ts';
import { encodeVkey } from '../../../shared/transparency/verifier-key.ts';
import { encodeUtf8 } from '../../../shared/wire/canonical.ts';
import { checkpointOf, cosign, logKey, ORIGIN, primitives, witness } from '../../support/exported-log.ts';

const log = `log ${encodeVkey(logKey)}`;
const witnessLine = (byte: number, name = `w${byte}`) => `witness ${name} ${encodeVkey(witness(byte))}`;
const parse = (...lines: string[]) => parsePolicy(primitives, encodeUtf8(lines.map((line) => `${line}\n`).join('')));

/** Whether the policy takes a checkpoint cosigned by these witnesses. */
function accepts(policy: ReturnType<typeof parse>, ...witnesses: number[]): boolean {
  let checkpoint: Uint8Array = checkpointOf(3, new Uint8Array(32));
  for (const byte of witnesses) checkpoint = cosign(checkpoint, byte, 1_800_000_000);
  const { signers } = verifyNote(primitives, parseNote(checkpoint), [...policy.logs, ...policy.witnesses]);
  return policyAccepts(policy, ORIGIN, signers);
}

describe('a quorum', () => {
  test('none asks for the log alone', () => {
    expect(accepts(parse(log, 'quorum none'))).toBe(true);
    expect(accepts(trustLog(logKey))).toBe(true);
  });

  test('of one witness asks for that witness', () => {
    const policy = parse(log, witnessLine(2), witnessLine(3), 'quorum w2');
    expect([accepts(policy), accepts(policy, 3), accepts(policy, 2)]).toEqual([false, false, true]);
  });

  test('of groups counts members at every level, as in the example of the specification', () => {
    const policy = parse(
      `${log} https://log.example/`,
      '# two organisations',
      '',
      witnessLine(2),
      `  ${witnessLine(3)}\thttps://w3.example/`,
      witnessLine(4),
      'group X 2 w2 w3 w4',
      witnessLine(5),
      witnessLine(6),
      'group Y any w5 w6',
      'group both all X Y',
      'quorum both',
    );
    expect(accepts(policy, 2, 4, 6)).toBe(true);
    expect(accepts(policy, 2, 3, 4)).toBe(false);
    expect(accepts(policy, 2, 5, 6)).toBe(false);
    // The same witness twice is one voice.
    expect(accepts(policy, 2, 2, 6)).toBe(false);
  });

  test('is nothing without a log of the policy, or with one of another name', () => {
    expect(accepts(parse(witnessLine(2), 'quorum w2'), 2)).toBe(false);
    expect(policyAccepts(trustLog(logKey), 'another.example', [{ ...logKey, time: null }])).toBe(false);
  });
});

describe('a policy that is written', () => {
  const read = (...bytes: number[]) => parsePolicy(primitives, encodePolicy(logKey, bytes.map(witness)));

  test('asks for more than half of the witnesses', () => {
    expect([accepts(read(2, 3, 4), 2), accepts(read(2, 3, 4), 2, 4)]).toEqual([false, true]);
    expect([accepts(read(2, 3, 4, 5), 2, 4), accepts(read(2, 3, 4, 5), 2, 4, 5)]).toEqual([false, true]);
    expect([accepts(read(2)), accepts(read(2), 2)]).toEqual([false, true]);
  });

  test('asks for nobody where there is no witness', () => {
    expect(accepts(read())).toBe(true);
  });
});

describe('a policy is refused', () => {
  test.each([
    ['without a quorum', [log], 'quorum'],
    ['with two', [log, 'quorum none', 'quorum none'], 'line 3: there is more than one quorum'],
    ['with a quorum of a later line', [log, 'quorum w2', witnessLine(2)], 'line 2: w2 is not'],
    ['with a group of nobody', ['group g all', 'quorum g'], 'line 1'],
    ['with a group of unknown names', ['group g all a', 'quorum g'], 'line 1: a is not'],
    ['with a group of itself', [witnessLine(2), 'group g any w2 g', 'quorum g'], 'line 2: g is not'],
    [
      'with more asked for than there are',
      [witnessLine(2), 'group g 2 w2', 'quorum g'],
      'line 2: all, any or a number',
    ],
    ['with none asked for', [witnessLine(2), 'group g 0 w2', 'quorum g'], 'line 2: all, any or a number'],
    ['with a number in another form', [witnessLine(2), 'group g 01 w2', 'quorum g'], 'line 2: all, any or a number'],
    ['with a member twice', [witnessLine(2), 'group g 2 w2 w2', 'quorum g'], 'line 2: w2 is a member twice'],
    ['with a member of two groups', [witnessLine(2), 'group g any w2', 'group h any w2', 'quorum g'], 'member twice'],
    ['with none as a member', ['group g any none', 'quorum g'], 'line 1: none is not'],
    ['with a witness called none', [witnessLine(2, 'none'), 'quorum none'], 'line 1: the name none is taken'],
    ['with a name twice', [witnessLine(2), witnessLine(3, 'w2'), 'quorum w2'], 'line 2: the name w2 is taken'],
    ['with a witness key twice', [witnessLine(2), witnessLine(2, 'other'), 'quorum w2'], 'line 2: the same key'],
    ['with a log key twice', [log, log, 'quorum none'], 'line 2: the same key'],
    [
      'with the key of a witness for a log',
      [`log ${encodeVkey(witness(2))}`, 'quorum none'],
      'line 1: a key of type 1',
    ],
    ['with the key of a log for a witness', [`witness w ${encodeVkey(logKey)}`, 'quorum w'], 'line 1: a key of type 4'],
    ['with a key of another id', [log.replace(logKey.keyId, '00000000'), 'quorum none'], 'line 1: Not a verifier key'],
    ['with a word that is not known', [log, 'require w2', 'quorum none'], 'line 2: require'],
    ['with an item too many', [log, 'quorum none none'], 'line 2: quorum'],
    ['with a NUL', [log, '#\u0000', 'quorum none'], 'control character'],
    ['with CRLF', [`${log}\r`, 'quorum none\r'], 'control character'],
    ['with 1,001 lines', Array.from({ length: 1001 }, () => '#'), '1000 lines'],
  ])('%s', (_, lines, words) => {
    const wanted = { code: 'TRUST_POLICY_INVALID', message: expect.stringContaining(words) as string };
    expect(() => parse(...lines)).toThrow(expect.objectContaining(wanted) as Error);
  });

  test('without a final line feed', () => {
    expect(() => parsePolicy(primitives, encodeUtf8('quorum none'))).toThrow('line feed');
  });
});
