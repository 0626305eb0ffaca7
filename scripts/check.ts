// `npm run check`: everything that can be known without running the product. Each check is a line; a failed one shows what it said.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { generatedCodeProblems } from './generate.ts';
import { root, runTool, type ToolResult } from './tools.ts';

const folders = [
  'shared',
  'auditor',
  'platform',
  'main',
  'coordinator',
  'renderer',
  'scripts',
  'bench',
  'examples',
  'test',
].filter((folder) => existsSync(path.join(root, folder)));

// The slow ones first, since two or more run at a time.
const checks: { name: string; run: () => Promise<ToolResult> }[] = [
  { name: 'types', run: () => runTool('tsc', ['-p', 'tsconfig.json', '--pretty', 'false']) },
  { name: 'imports', run: () => runTool('depcruise', ['--config', '.dependency-cruiser.mjs', ...folders]) },
  { name: 'format', run: () => runTool('prettier', ['--check', '--log-level', 'warn', '--cache', '.']) },
  { name: 'lint', run: () => runTool('oxlint', ['--deny-warnings']) },
  {
    name: 'types of renderer',
    run: () =>
      runTool('svelte-check', ['--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings', '--output', 'human']),
  },
  { name: 'types of shared', run: () => runTool('tsc', ['-p', 'shared/tsconfig.json', '--pretty', 'false']) },
  { name: 'types of the page', run: () => runTool('tsc', ['-p', 'auditor/tsconfig.json', '--pretty', 'false']) },
  { name: 'unused files, exports and packages', run: () => runTool('knip', ['--no-progress']) },
  { name: 'protocol style', run: () => runTool('buf', ['lint']) },
  { name: 'generated code', run: generatedCodeProblems },
];

/** Runs all checks, prints a line for each, and returns the names of those that failed. */
export async function runChecks(): Promise<string[]> {
  const failed: string[] = [];
  const waiting = [...checks];
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const start = performance.now();
      const { ok, output } = await check.run();
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(`${ok ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)`);
      if (ok) continue;
      failed.push(check.name);
      console.log(output.trimEnd().replaceAll(/^/gm, '       '));
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  return failed;
}

if (import.meta.main) {
  const failed = await runChecks();
  if (failed.length > 0) console.log(`check failed: ${failed.join(', ')}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
