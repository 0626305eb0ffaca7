import { expect, test } from 'vitest';
import { codeOf, openMeter } from '../../../main/sync/meter.ts';
import { sha256 } from '../../../platform/crypto.ts';
import { encodeUtf8 } from '../../../shared/wire/canonical.ts';

test('a head is what went to the connection besides the body, on each one that a request was written to', () => {
  const meter = openMeter();
  const [first, second] = [{ bytesWritten: 1000 }, { bytesWritten: 0 }];
  meter.begin(first);
  first.bytesWritten += 70; // and the connection broke before the body
  meter.begin(second);
  const [hello, world] = [encodeUtf8('hello '), encodeUtf8('world')];
  second.bytesWritten += 50 + hello.length;
  meter.sent(hello);
  second.bytesWritten += world.length;
  meter.sent(world);
  second.bytesWritten -= 4; // it broke, too, and takes back what it had not passed on
  expect(meter.read()).toEqual({ head: 70 + 50, body: 11, sha256: sha256(encodeUtf8('hello world')) });
});

test('a request that was never written has neither head nor body', () => {
  expect(openMeter().read()).toEqual({ head: 0, body: 0, sha256: null });
});

test('what went wrong is said by the first code in the chain of its causes', () => {
  const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
  expect(codeOf(new TypeError('fetch failed', { cause: reset }))).toBe('ECONNRESET');
  expect(codeOf(new DOMException('stopped', 'AbortError'))).toBe('CANCELED');
  expect(codeOf(Object.assign(new Error(), { code: 'not a code' }))).toBe('FAILED');
  expect(codeOf('thrown')).toBe('FAILED');
});
