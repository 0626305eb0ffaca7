// Brings a file to the node piece by piece; each piece waits for the one before it.
import { node } from '../node.ts';

const PIECE = 2 * 1024 * 1024;

export type Uploaded = { upload: string; path: string };

/** Throws what the node refuses; leaving by the signal gives the upload up. */
export async function bringFile(file: File, told: (bytes: number) => void, signal: AbortSignal): Promise<Uploaded> {
  let upload = '';
  let path = '';
  try {
    for (let offset = 0; path === '';) {
      const content = new Uint8Array(await file.slice(offset, offset + PIECE).arrayBuffer());
      const begin = upload === '' ? { name: file.name, size: BigInt(file.size) } : {};
      const answer = await node.uploadFile({ upload, ...begin, offset: BigInt(offset), content }, { signal });
      ({ upload, path } = answer);
      offset = Number(answer.received);
      told(offset);
    }
  } catch (error) {
    if (upload !== '') void node.discardUpload({ upload }).catch(() => {});
    throw error;
  }
  return { upload, path };
}
