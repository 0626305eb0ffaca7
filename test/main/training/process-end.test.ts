import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('ending-process.ts', import.meta.url));

test.each([
  ['close', 0],
  ['exit', 7],
  ['exit while training', 7],
])('a process that trained ends cleanly and quietly: %s', async (way, code) => {
  const child = spawn(process.execPath, [script, way], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  expect(await once(child, 'close')).toEqual([code, null]);
  expect(output).toBe('');
});
