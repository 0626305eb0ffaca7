// A folder that goes away with the test.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
