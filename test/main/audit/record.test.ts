import { expect, test } from 'vitest';
import { showRecord } from '../../../main/audit/record.ts';
import { primitives } from '../../../platform/crypto.ts';
import { verifyProof } from '../../../shared/transparency/proof.ts';
import { trustLog } from '../../../shared/transparency/policy.ts';
import { encodeUtf8, toHex } from '../../../shared/wire/canonical.ts';
import { damage, flipBit } from '../../support/damaged-store.ts';
import { writtenLog } from '../../support/evidence.ts';
import { ada, ann, keyOf, OWN_KEYS, OWN_LOG_KEY } from '../../support/node-log.ts';

function written() {
  const made = writtenLog();
  made.log.founded();
  made.log.round(keyOf(1));
  const { journal } = made;
  const positionOf = (kind: string) =>
    journal.read.get<{ position: number }>('select position from record where kind = ?', kind)!.position;
  const shown = (position: number) => {
    const deps = { read: journal.read, nodes: journal.nodes, size: journal.size(), witnesses: [] };
    const keys = { log: OWN_LOG_KEY.publicKey, member: OWN_KEYS.member };
    return showRecord({ ...deps, keys }, position, 'en');
  };
  return { ...made, positionOf, shown };
}

test('an approval shows its exact bytes, what was signed, both signatures and the reason behind its commitment', () => {
  const { shown, positionOf, journal } = written();
  const position = positionOf('approval.granted');
  const record = shown(position);
  const { bytes } = journal.read.get<{ bytes: Buffer }>('select bytes from record where position = ?', position)!;
  expect(record.json).toBe(bytes.toString('utf8'));
  expect(JSON.parse(record.signedJson)).toMatchObject({ decision: 'approve', meaning: expect.any(String) });
  expect(record.signatures).toEqual([
    { key: ann.key, person: ann.id, name: ann.name, checked: true, valid: true },
    { key: OWN_KEYS.member, person: '', name: '', checked: true, valid: true },
  ]);
  expect(record.openings).toMatchObject([{ field: 'reason', text: 'agreed with the data board', missing: '' }]);
});

test('the proof of every record is the one that a stranger’s verifier takes, and its steps lead to the root', () => {
  const { shown, journal } = written();
  for (let position = 0; position < journal.size(); position++) {
    const { json, proof } = shown(position);
    expect(proof).toMatchObject({ valid: true, anchoredBy: [], missing: [], anchoredSince: '' });
    expect(proof!.steps.at(-1)!.gives).toBe(toHex(proof!.checkpoint.root));
    const checked = verifyProof(primitives, encodeUtf8(proof!.file), encodeUtf8(json), trustLog(OWN_LOG_KEY));
    expect(checked).toMatchObject({ ok: true, index: position });
  }
});

test('a record that no checkpoint covers yet has no proof', () => {
  const { shown, journal } = written();
  journal.transact('test', (tx) => tx.append({ kind: 'study.resumed', detail: {} }));
  expect(shown(journal.size() - 1).proof).toBeUndefined();
});

test('what was erased is said to be erased, and what was changed is not passed off as what was said', () => {
  const { shown, positionOf, journal } = written();
  const added = positionOf('account.added');
  expect(shown(added).openings).toMatchObject([{ field: 'name', text: ada.name }]);
  const position = positionOf('approval.granted');
  damage(journal, (db) => db.exec(`update opening set value = '"something else"' where position = ${position}`));
  expect(shown(position).openings).toMatchObject([{ field: 'reason', text: '', missing: 'wrong' }]);
  damage(journal, (db) => db.exec(`delete from opening where position = ${position}`));
  expect(shown(position).openings).toMatchObject([{ field: 'reason', text: '', missing: 'erased' }]);
});

test('a damaged record has no valid proof; a signature over a changed or missing text is not called valid', () => {
  const { shown, positionOf, journal } = written();
  const position = positionOf('approval.granted');
  damage(journal, flipBit('record', 'bytes', 'position = 2'));
  expect(shown(2).proof!.valid).toBe(false);
  expect(shown(2).row.leaf).not.toBe(shown(2).proof!.steps[0]!.sibling);
  damage(journal, flipBit('signed_record', 'bytes', "kind = 'approval'"));
  expect(shown(position).signatures).toMatchObject([
    { checked: true, valid: false },
    { checked: true, valid: false },
  ]);
  damage(journal, (db) => db.exec("delete from signed_record where kind = 'approval'"));
  expect(shown(position)).toMatchObject({ signedJson: '', signatures: [{ checked: false, valid: false }, {}] });
});

test('there is no record beyond the end of the log, and the refusal says how long it is', () => {
  const { shown, journal } = written();
  expect(() => shown(journal.size())).toThrow(`it holds ${journal.size()}`);
});
