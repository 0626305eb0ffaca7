// The fingerprint of a file that stays with whoever attached it, read piece by piece: nothing of it goes to the node.
import { sha256 } from '@noble/hashes/sha2.js';

const PIECE = 4 * 1024 * 1024;

/** SHA-256 of its bytes, hex. */
export async function fingerprintOf(file: File): Promise<string> {
  const hash = sha256.create();
  for (let offset = 0; offset < file.size; offset += PIECE)
    hash.update(new Uint8Array(await file.slice(offset, offset + PIECE).arrayBuffer()));
  return [...hash.digest()].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
