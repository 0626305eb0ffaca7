// HAPI and veraPDF, run by the machine's own Java; Maven fetches them once, into a folder named by their versions.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { randomUuid, sha256 } from '../../platform/crypto.ts';
import { toHex } from '../../shared/wire/canonical.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'test/conformance/java');
const windows = process.platform === 'win32';

/** What was found: problems by file, and what was checked of each file. */
export type Findings = Record<string, { errors: string[]; checked: string }>;

/** `missing` says what this machine lacks. A fetch that fails counts as missing too: not every machine may reach Maven. */
export async function conformanceJava(): Promise<{ ask(words: string[]): Promise<Findings> } | { missing: string }> {
  for (const [command, flag] of [
    ['javac', '-version'],
    ['mvn', '-version'],
  ] as const)
    try {
      await run(command, [flag], { shell: windows });
    } catch {
      return { missing: `needs ${command} (packages default-jdk-headless and maven)` };
    }
  try {
    return { ask: asking(await libraries()) };
  } catch (error) {
    const said = (error as { stdout?: string }).stdout ?? (error as Error).message;
    return {
      missing: `Maven cannot fetch the validators: ${said.split('\n').find((line) => /ERROR/.test(line)) ?? said}`,
    };
  }
}

async function libraries(): Promise<string> {
  const name = toHex(sha256(readFileSync(path.join(folder, 'pom.xml')))).slice(0, 16);
  const cache = path.join(root, 'node_modules/.cache/assent');
  const whole = path.join(cache, `java-${name}`);
  if (existsSync(whole)) return whole;
  mkdirSync(cache, { recursive: true });
  const fresh = `${whole}.${randomUuid()}`;
  const words = ['-q', '-B', '-f', path.join(folder, 'pom.xml'), 'dependency:copy-dependencies'];
  try {
    await run('mvn', [...words, `-DoutputDirectory=${fresh}`, '-DincludeScope=runtime'], { shell: windows });
    renameSync(fresh, whole);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Another test file may have been first.
    if (!existsSync(whole)) throw error;
  }
  return whole;
}

const asking =
  (libraries: string) =>
  async (words: string[]): Promise<Findings> => {
    const { stdout } = await run(
      'java',
      [
        '-Xshare:auto',
        '-XX:TieredStopAtLevel=1',
        '-cp',
        path.join(libraries, '*'),
        path.join(folder, 'Conformance.java'),
        ...words,
      ],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    const findings: Findings = {};
    for (const line of stdout.split(/\r?\n/).filter((each) => each.includes('\t'))) {
      const [file = '', what, place = '', message = ''] = line.split('\t');
      const found = (findings[path.basename(file)] ??= { errors: [], checked: '' });
      if (what === 'error') found.errors.push(`${place}: ${message}`);
      else found.checked = `${place} ${message}`;
    }
    return findings;
  };
