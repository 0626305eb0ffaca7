// Folders that go away with the test, or with the process that runs it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function lastingFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assent-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
