// `npm run generate`: writes shared/gen from shared/proto, and the single-file verifiers into platform/gen. The check makes all
// of it anew elsewhere and compares.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root, runTool, type ToolResult } from './tools.ts';
import { verifiers } from './verifier.ts';

const VERIFIERS = 'platform/gen';

/** Not ok when a generated file is missing, left over, or not what its source says. */
export async function generatedCodeProblems(): Promise<ToolResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-gen-'));
  try {
    const made = await runTool('buf', ['generate', '--output', folder]);
    if (!made.ok) return made;
    const [fresh, kept] = [readTree(path.join(folder, 'shared/gen')), readTree(path.join(root, 'shared/gen'))];
    const programs = readTree(path.join(root, VERIFIERS));
    const stale = [
      ...differing(fresh, kept).map((name) => `shared/gen/${name}`),
      ...differing(await verifiers(), programs).map((name) => `${VERIFIERS}/${name}`),
    ];
    return { ok: stale.length === 0, output: `not what their source says (npm run generate): ${stale.join(', ')}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const differing = (fresh: ReadonlyMap<string, string>, kept: ReadonlyMap<string, string>): string[] =>
  [...new Set([...fresh.keys(), ...kept.keys()])].toSorted().filter((name) => fresh.get(name) !== kept.get(name));

function readTree(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, file), readFileSync(file, 'utf8')];
    }),
  );
}

if (import.meta.main) {
  const { ok, output } = await runTool('buf', ['generate']);
  process.stdout.write(output);
  mkdirSync(path.join(root, VERIFIERS), { recursive: true });
  for (const [name, text] of await verifiers()) writeFileSync(path.join(root, VERIFIERS, name), text);
  process.exitCode = ok ? 0 : 1;
}
