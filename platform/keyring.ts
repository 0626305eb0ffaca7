// Private keys at rest: an installation's sealed under keys of their purpose, all of them wrapped by argon2id of one passphrase.
import { hashRaw } from '@node-rs/argon2';
import { AssentError } from '../shared/errors.ts';
import { generateEd25519, hkdfSha256, openAes256Gcm, randomBytes, sealAes256Gcm, signEd25519 } from './crypto.ts';
import type { Reader, Tx } from './journal.ts';

/** What a sealed key is for; a key sealed for one purpose does not open for another. */
export type Purpose = 'identity' | 'data' | 'network';
export type Keyring = {
  seal(purpose: Purpose, name: string, plain: Uint8Array): Uint8Array;
  open(purpose: Purpose, name: string, sealed: Uint8Array): Uint8Array;
};
export type Signer = { publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array };

const text = new TextEncoder();
const PROOF = text.encode('assent keyring');

/** RFC 9106 argon2id, m = 64 MiB, t = 3, p = 1, 32 bytes. */
export async function passwordKey(password: string, salt: Uint8Array): Promise<Uint8Array> {
  const options = { memoryCost: 65_536, timeCost: 3, parallelism: 1, outputLen: 32, salt } as const;
  return hashRaw(password.normalize('NFC'), options);
}

function keyringOf(master: Uint8Array): Keyring {
  const keyFor = (purpose: Purpose) =>
    hkdfSha256(master, new Uint8Array(), text.encode(`assent/keyring/${purpose}/v1`), 32);
  const aad = (purpose: Purpose, name: string) => text.encode(`assent/keyring/${purpose}/${name}`);
  return {
    seal: (purpose, name, plain) => sealAes256Gcm(keyFor(purpose), plain, aad(purpose, name)),
    open: (purpose, name, sealed) => openAes256Gcm(keyFor(purpose), sealed, aad(purpose, name)),
  };
}

/** Makes the keyring of a new store; `save` writes it inside the transaction that creates the store. */
export async function createKeyring(passphrase: string): Promise<{ keyring: Keyring; save(tx: Tx): void }> {
  const salt = randomBytes(16);
  const keyring = keyringOf(await passwordKey(passphrase, salt));
  const proof = keyring.seal('identity', 'proof', PROOF);
  return {
    keyring,
    save: (tx) => void tx.run('insert into keyring (only, salt, proof) values (1, ?, ?)', salt, proof),
  };
}

/** Throws PASSPHRASE_WRONG when the passphrase is not the one the store was made with. */
export async function openKeyring(read: Reader, passphrase: string): Promise<Keyring> {
  const row = read.get<{ salt: Buffer; proof: Buffer }>('select salt, proof from keyring');
  if (!row) throw new AssentError('STORE_DAMAGED', 'The store has no keyring; it was not created completely.');
  const keyring = keyringOf(await passwordKey(passphrase, row.salt));
  try {
    keyring.open('identity', 'proof', row.proof);
  } catch (cause) {
    throw new AssentError('PASSPHRASE_WRONG', 'The passphrase does not open this store.', {}, cause);
  }
  return keyring;
}

/** Makes an Ed25519 key and keeps it sealed. Returns its public half. */
export function createIdentity(tx: Tx, keyring: Keyring, name: string, purpose: Purpose = 'identity'): Uint8Array {
  const { publicKey, privateKey } = generateEd25519();
  const sealed = keyring.seal(purpose, name, privateKey);
  tx.run('insert into identity (name, public_key, sealed) values (?, ?, ?)', name, publicKey, sealed);
  privateKey.fill(0);
  return publicKey;
}

/** Puts this key in the place of the one of that name, whose private half is gone then: it signs nothing any more. */
export function replaceIdentity(
  tx: Tx,
  keyring: Keyring,
  name: string,
  pair: { publicKey: Uint8Array; privateKey: Uint8Array },
): void {
  const sealed = keyring.seal('identity', name, pair.privateKey);
  tx.run('update identity set public_key = ?, sealed = ? where name = ?', pair.publicKey, sealed, name);
}

export function signerOf(read: Reader, keyring: Keyring, name: string, purpose: Purpose = 'identity'): Signer {
  const row = identityRow(read, name);
  const seed = keyring.open(purpose, name, row.sealed);
  return { publicKey: new Uint8Array(row.public_key), sign: (message) => signEd25519(seed, message) };
}

function identityRow(read: Reader, name: string): { public_key: Buffer; sealed: Buffer } {
  const row = read.get<{ public_key: Buffer; sealed: Buffer }>(
    'select public_key, sealed from identity where name = ?',
    name,
  );
  if (!row) throw new AssentError('STORE_DAMAGED', `The store holds no key named ${name}.`);
  return row;
}
