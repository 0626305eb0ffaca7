// `npm test`: the checks, then the tests, and at the very end one line that counts them. `npm run test:only -- PATH` runs
// tests without the checks.
import { startVitest, type TestCase, type Vitest } from 'vitest/node';
import { runChecks } from './check.ts';

type Counts = { passed: number; failed: number; skipped: { name: string; reason: string }[] };

const args = process.argv.slice(2);
const withChecks = args.includes('--check');
const filters = args.filter((arg) => arg !== '--check');

const failedChecks = withChecks ? await runChecks() : [];
const vitest = await startVitest('test', filters, { watch: false, reporters: ['default'] });
const counts = count(vitest);
await vitest.close();
report(counts);
// Whatever a test left running must not keep the command from ending.
process.exit(counts.failed > 0 || failedChecks.length > 0 ? 1 : 0);

function count({ state }: Vitest): Counts {
  const counts: Counts = { passed: 0, failed: state.getUnhandledErrors().length, skipped: [] };
  for (const module of state.getTestModules()) {
    // A file that does not even load counts as a failed test.
    if (module.errors().length > 0) counts.failed += 1;
    for (const test of module.children.allTests()) addTest(counts, test);
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed += 1;
  }
  // No test at all is a mistake in the filter, not a success.
  if (counts.passed + counts.failed + counts.skipped.length === 0) counts.failed = 1;
  return counts;
}

function addTest(counts: Counts, test: TestCase): void {
  const result = test.result();
  if (result.state === 'passed') counts.passed += 1;
  else if (result.state === 'skipped')
    counts.skipped.push({ name: test.fullName, reason: result.note ?? 'no reason given' });
  else counts.failed += 1;
}

function report(counts: Counts): void {
  for (const { name, reason } of counts.skipped) console.log(`skipped: ${name} (${reason})`);
  if (failedChecks.length > 0) console.log(`check failed: ${failedChecks.join(', ')}`);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped`);
}
