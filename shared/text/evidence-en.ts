// README.txt of an evidence package, in English. evidence-zh.ts says the same.
export const evidenceReadmeEn = (names: boolean): string =>
  `Evidence from an audit log

What this is
  The audit log of one program of a consortium that trains models together, or a stretch of it, with what it takes to check it
  offline. Nothing here has to be installed, and nothing calls out.
  entries.jsonl     the records, exact bytes, one a line; an empty line is a record that is withheld
  tile/             the leaf hash of every record, withheld ones too (c2sp.org/tlog-tiles)
  checkpoint        size and root of the log, signed by the log's key and by whoever has witnessed it
  signed.jsonl      what people signed (approvals, accounts, policies), exact bytes, as the records name them by hash
  range             which records these are of the whole log
  proof/            inclusion proofs of single records, to be handed on one by one
  log.vkey, keys.json, witness.vkeys, trust.policy   keys and a trust policy. They came with the package: see below
${names ? '  openings.jsonl    names and free texts behind the commitments in the records: personal data\n' : ''}
How to check it
  Open verify.html in a browser and drop the zip onto it, or run: node verify.mjs PACKAGE.zip
  A package whose maker you do not trust may bring a verifier that you should not trust either. Get assent-verify from the
  project itself and compare its SHA-256, or check by hand with sha256sum and openssl (docs/audit.md).
  Whose keys these are, nothing in the package can tell you. Give the verifier the consortium's trust policy (--policy), or the
  fingerprint that the institution reads to you on the telephone (--fingerprint). Until then they are "unconfirmed".

What it proves, and what not
  No record was changed, left out or put in since the checkpoint was signed. For every update that left: how many people
  approved exactly it, with which keys, before it left. What is withheld is counted, and what cannot be judged for that is said.
  It does not prove what was never recorded, what happened after the checkpoint, or that a person was who the institution says.`;
