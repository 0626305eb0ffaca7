import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyCommand } from '../../../platform/assent-verify.ts';
import { generateEd25519, primitives } from '../../../platform/crypto.ts';
import { logKey } from '../../../platform/log-origin.ts';
import { parsePolicy, trustLog } from '../../../shared/transparency/policy.ts';
import {
  encodeReceiptFile,
  MAX_RECEIPT_BYTES,
  parseReceiptFile,
  verifyReceiptFile,
  type ReceiptFile,
} from '../../../shared/transparency/receipt-file.ts';
import { encodeVkey, verifierKey } from '../../../shared/transparency/verifier-key.ts';
import { decodeCanonical, encodeCanonical, encodeUtf8 } from '../../../shared/wire/canonical.ts';
import { receiptParts } from '../../support/receipt-parts.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const at = '2026-01-02T03:04:05.678Z';

function receipt(changes: Partial<ReceiptFile> = {}) {
  const { parts, key, log, statement, outcome } = receiptParts();
  const seen = log.head(2);
  const consistency = log.consistency(2, log.size());
  const evidence = { accepted: parts.accepted, aggregated: parts.aggregated, seen, consistency };
  const file: ReceiptFile = {
    log: key,
    statement,
    outcome,
    logged: { result: 'verified', code: null, at, evidence },
    recomputed: {
      result: 'verified',
      code: null,
      at,
      evidence: { aggregate: '66'.repeat(32), model: '77'.repeat(32) },
    },
    ...changes,
  };
  return { file, key, log, evidence, bytes: encodeReceiptFile(file) };
}
type Json = Record<string, Record<string, unknown> & unknown[]>;
const changed = (bytes: Uint8Array, change: (json: Json) => void): Uint8Array => {
  const json = decodeCanonical(bytes) as Json;
  change(json);
  return encodeCanonical(json);
};

describe('the file of a receipt', () => {
  it('is read as it was written', () => {
    const { file, bytes } = receipt();
    expect(parseReceiptFile(primitives, bytes)).toEqual(file);
    const bare = { ...file, logged: null, recomputed: null };
    expect(parseReceiptFile(primitives, encodeReceiptFile(bare))).toEqual(bare);
  });

  it('holds, and says who signed only where the key is known from elsewhere', () => {
    const { bytes, key, log } = receipt();
    const about = { ok: true, round: 4, member: 'alpha', weight: 120, index: 0, outcomeIndex: 1, size: log.size() };
    expect(verifyReceiptFile(primitives, bytes, null)).toMatchObject({ ...about, authenticated: false });
    expect(verifyReceiptFile(primitives, bytes, trustLog(key))).toMatchObject({ ...about, authenticated: true });
    const stranger = trustLog(logKey(generateEd25519().publicKey));
    expect(verifyReceiptFile(primitives, bytes, stranger)).toMatchObject({ ok: false, message: /not among those/ });
  });

  it('does not hold where a policy asks for witnesses that did not sign', () => {
    const { bytes, key } = receipt();
    const witness = verifierKey(primitives, 'witness.example', 4, generateEd25519().publicKey);
    const text = `log ${encodeVkey(key)}\nwitness w ${encodeVkey(witness)}\nquorum w\n`;
    expect(verifyReceiptFile(primitives, bytes, parsePolicy(primitives, encodeUtf8(text)))).toMatchObject({
      ok: false,
      message: /lacks the cosignatures/,
    });
  });

  it.each(['statement', 'outcome'] as const)(
    'does not hold with a byte of the %s, its signature or its key changed',
    (name) => {
      const { bytes, key } = receipt();
      for (const field of ['record', 'signature', 'key'])
        for (const place of [0, 20, 40]) {
          const hostile = changed(bytes, (json) => {
            const text = json[name]![field] as string;
            const letter = text[place] === 'A' ? 'B' : 'A';
            json[name]![field] = `${text.slice(0, place)}${letter}${text.slice(place + 1)}`;
          });
          expect(verifyReceiptFile(primitives, hostile, trustLog(key)).ok).toBe(false);
        }
    },
  );

  it('does not hold with another history', () => {
    const { file, evidence } = receipt();
    for (const consistency of [[], evidence.consistency.slice(1)]) {
      const logged = { ...file.logged!, evidence: { ...evidence, consistency } };
      expect(verifyReceiptFile(primitives, encodeReceiptFile({ ...file, logged }), null)).toMatchObject({
        ok: false,
        message: /not shown to be of one history/,
      });
    }
  });

  it('that was refused, or is not there yet, shows nothing', () => {
    const { file, evidence } = receipt();
    const nothing = { accepted: null, aggregated: null, seen: null, consistency: [] };
    for (const [logged, message] of [
      [null, /not there yet/],
      [{ result: 'refused', code: 'RECEIPT_WITHHELD', at, evidence: nothing }, /RECEIPT_WITHHELD/],
      [{ result: 'refused', code: 'RECEIPT_HISTORY', at, evidence }, /refused it \(RECEIPT_HISTORY\)/],
    ] as const)
      expect(verifyReceiptFile(primitives, encodeReceiptFile({ ...file, logged }), null)).toMatchObject({
        ok: false,
        message,
      });
  });

  it('is read strictly', () => {
    const { bytes } = receipt();
    const hostile = [
      encodeUtf8('{}'),
      encodeUtf8('null'),
      new Uint8Array(MAX_RECEIPT_BYTES + 1),
      Buffer.concat([bytes, encodeUtf8('\n')]),
      changed(bytes, (json) => (json['format'] = 'assent-receipt/v2' as never)),
      changed(bytes, (json) => (json['more'] = {} as never)),
      changed(bytes, (json) => (json['statement']!['more'] = 1)),
      changed(bytes, (json) => (json['logged']!['result'] = 'maybe')),
      changed(bytes, (json) => (json['logged']!['more'] = 1)),
      changed(bytes, (json) => (json['logged'] = 7 as never)),
      changed(bytes, (json) => (json['logged']!['consistency'] = 'x')),
      changed(bytes, (json) => (json['logged']!['accepted'] = 'x')),
      changed(bytes, (json) => (json['outcome']!['signature'] = 'not base64')),
      changed(bytes, (json) => (json['recomputed']!['aggregate'] = 1)),
      changed(bytes, (json) => (json['log'] = 'x' as never)),
    ];
    for (const each of hostile) expect(verifyReceiptFile(primitives, each, null)).toMatchObject({ ok: false });
  });
});

describe('assent-verify of a receipt', () => {
  const run = async (bytes: Uint8Array, ...args: string[]) => {
    const path = join(temporaryFolder(), 'receipt.json');
    writeFileSync(path, bytes);
    return verifyCommand([path, ...args]);
  };

  it('says in words what the log counts, and whose log it is', async () => {
    const { bytes, key } = receipt();
    const known = await run(bytes, '--key', encodeVkey(key));
    expect(known).toMatchObject({ code: 0, err: '' });
    expect(known.out).toMatch(
      new RegExp(
        `^OK: record 0 of ${key.name} counts update \\w{64} of alpha in round 4 of small with weight 120, .* signed by ${key.name}\\n$`,
      ),
    );
    expect((await run(bytes)).out).toMatch(/consistent, signer not authenticated \(give --key or --policy\)\n$/);
    expect(JSON.parse((await run(bytes, '--json')).out)).toMatchObject({ ok: true, weight: 120, authenticated: false });
  });

  it('ends with 1 where it does not hold, whatever is in the file', async () => {
    const { bytes } = receipt();
    const hostile = changed(bytes, (json) => (json['logged'] = null as never));
    expect(await run(hostile)).toMatchObject({ code: 1, out: expect.stringMatching(/^FAILED: /) });
    expect(await run(encodeUtf8('{'))).toMatchObject({ code: 1 });
    expect(await run(encodeUtf8(`{${' '.repeat(MAX_RECEIPT_BYTES)}`))).toMatchObject({ code: 1 });
    expect(await run(encodeUtf8('hello'))).toMatchObject({ code: 2, err: expect.stringMatching(/no receipt/) });
  });
});
