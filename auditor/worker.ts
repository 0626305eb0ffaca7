// Checks a package beside the page, so that the page stays alive: what is dropped comes in, lines and a report go out.

import type { ExportFiles } from '../shared/transparency/export-files.ts';
import { parsePolicy } from '../shared/transparency/policy.ts';
import { reportInWords } from '../shared/transparency/report.ts';
import { lineInWords, type RoundLine } from '../shared/transparency/sense/lines.ts';
import { verifyExport } from '../shared/transparency/verify.ts';
import { type ByteSource, zipFiles } from '../shared/transparency/zip-read.ts';
import { encodeUtf8 } from '../shared/wire/canonical.ts';
import { browserPrimitives } from './primitives.ts';

/** A zip alone, or files by their paths below the dropped folder. */
export type Asked = {
  zip: Blob | null;
  files: { path: string; file: Blob }[];
  policy: string;
  fingerprint: string;
};
/** `seconds` is the time that checking took. */
export type Told =
  | { kind: 'lines'; lines: { verdict: RoundLine['verdict']; text: string }[] }
  | { kind: 'end'; verdict: 'ok' | 'not-shown' | 'failed'; report: string; seconds: number };

const CHUNK = 1024 * 1024;
const LINES = 500;

const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());

const source = (blob: Blob): ByteSource => ({
  size: blob.size,
  read: (start, end) => bytesOf(blob.slice(start, end)),
});

function looseFiles(files: Asked['files']): ExportFiles {
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  return {
    list: () => Promise.resolve([...byPath].map(([path, { size }]) => ({ path, size }))),
    read: (path) => bytesOf(byPath.get(path)!),
    async *stream(path) {
      const file = byPath.get(path)!;
      for (let at = 0; at < file.size; at += CHUNK) yield await bytesOf(file.slice(at, at + CHUNK));
    },
  };
}

const tell = (told: Told) => postMessage(told);

async function check({ zip, files, policy, fingerprint }: Asked): Promise<void> {
  const start = performance.now();
  const primitives = await browserPrimitives();
  let lines: { verdict: RoundLine['verdict']; text: string }[] = [];
  const flush = () => {
    tell({ kind: 'lines', lines });
    lines = [];
  };
  const say = (line: RoundLine) => {
    lines.push({ verdict: line.verdict, text: lineInWords(line) });
    if (lines.length >= LINES) flush();
  };
  const trust = policy.trim() === '' ? null : parsePolicy(primitives, encodeUtf8(`${policy.trim()}\n`));
  const fingerprints = fingerprint.trim() === '' ? [] : [fingerprint.trim()];
  const container = zip === null ? looseFiles(files) : zipFiles(source(zip));
  const result = await verifyExport(primitives, container, trust, { fingerprints, say });
  flush();
  const unseen = result.ok && result.evidence?.sense.verdict === 'not-shown';
  const verdict = !result.ok ? 'failed' : unseen ? 'not-shown' : 'ok';
  tell({ kind: 'end', verdict, report: reportInWords(result), seconds: (performance.now() - start) / 1000 });
}

addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  check(data).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    tell({ kind: 'end', verdict: 'failed', report: `This cannot be checked: ${why}\n`, seconds: 0 });
  });
});
