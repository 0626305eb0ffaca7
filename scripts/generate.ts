// `npm run generate`: writes shared/gen from shared/proto. The check makes the code anew elsewhere and compares.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root, runTool, type ToolResult } from './tools.ts';

/** Not ok when a file of shared/gen is missing, left over, or not what the proto files say. */
export async function generatedCodeProblems(): Promise<ToolResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-gen-'));
  try {
    const made = await runTool('buf', ['generate', '--output', folder]);
    if (!made.ok) return made;
    const [fresh, kept] = [readTree(path.join(folder, 'shared/gen')), readTree(path.join(root, 'shared/gen'))];
    const names = [...new Set([...fresh.keys(), ...kept.keys()])].toSorted();
    const stale = names.filter((name) => fresh.get(name) !== kept.get(name));
    const output = `not what shared/proto says (npm run generate): ${stale.map((name) => `shared/gen/${name}`).join(', ')}`;
    return { ok: stale.length === 0, output };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readTree(folder: string): Map<string, string> {
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
  process.exitCode = ok ? 0 : 1;
}
