// `npm start [-- --empty | --home FOLDER] [--port N]`: opens the app, with a demo consortium to look around in unless a folder is
// named. The desktop app where there is an Electron to run it, and otherwise the web edition: the same window in a browser.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { selfTest } from '../platform/crypto.ts';
import { openNode } from '../main/node.ts';
import { serveInstallation } from '../main/serve.ts';
import { demoKeeper, readDemo } from '../main/window/demo.ts';
import { openInstallation } from '../main/window/installation.ts';
import { openPrograms } from './demo/programs.ts';
import { prepareDemo } from './demo/window.ts';
import { buildShell, findElectron } from './electron.ts';
import { buildRenderer } from './renderer.ts';
import { root } from './tools.ts';

const say = (line: string) => void process.stderr.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    empty: { type: 'boolean' },
    home: { type: 'string' },
    port: { type: 'string' },
    web: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  say('npm start                      a demo: four hospitals, rounds that are done, and one that waits');
  say('npm start -- --empty           a fresh installation in a new folder, to look around');
  say('npm start -- --home FOLDER     the installation in this folder; a fresh one where it holds none');
  say('  --web                        in a browser, even where there is an Electron');
  say('  --port N                     the port of the web edition');
  process.exit(0);
}
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
selfTest();
const renderer = await buildRenderer(say);
const electron = values.web ? undefined : findElectron(say);
const programs = openPrograms();
try {
  const temporary = () => mkdtempSync(path.join(tmpdir(), 'assent-'));
  const folder = values.home ?? (values.empty ? temporary() : undefined);
  const home = folder === undefined ? await demo(temporary()) : path.resolve(folder);
  const opened =
    electron && 'binary' in electron ? startDesktop(home, electron.binary) : startWeb(home, electron?.missing);
  await Promise.race([opened, programs.failed]);
} catch (error) {
  if (!stop.signal.aborted) {
    say((error as Error).message);
    process.exitCode = 1;
  }
} finally {
  stop.abort();
  await programs.stop();
}

async function demo(folder: string): Promise<string> {
  say(`A demo consortium is set up in ${folder}: four hospitals with real patients of the UCI heart disease data`);
  const home = await prepareDemo({ folder, programs, signal: stop.signal, say: (line) => say(`  ${line}`) });
  say(
    'People and their password stand on the sign-in page. All of it ends with this command, and nothing left this machine.',
  );
  return home;
}

async function startDesktop(home: string, binary: string): Promise<void> {
  const main = await buildShell({ folder: path.join(root, 'dist/desktop'), renderer });
  const child = spawn(binary, [main, `--home=${home}`], { stdio: 'inherit' });
  stop.signal.addEventListener('abort', () => child.kill('SIGTERM'));
  process.exitCode = await new Promise<number>((resolve) => {
    child.on('exit', (code) => resolve(code ?? 0));
    child.on('error', (error) => {
      say(`${binary} could not be started: ${error.message}`);
      resolve(1);
    });
  });
}

async function startWeb(home: string, missing: string | undefined): Promise<void> {
  const demo = readDemo(home);
  const installation = openInstallation({
    home,
    openNode: (passphrase) => openNode({ home, passphrase, say }),
    ...(demo && { keeper: demoKeeper(demo) }),
  });
  await installation.openKept();
  const server = await serveInstallation(installation, Number(values.port ?? 0));
  if (missing !== undefined) say(`The desktop app needs Electron, and ${missing}. This is its web edition.`);
  say(`The installation lies in ${home}`);
  const address = server.invite();
  const opened = process.stdout.isTTY && openInBrowser(address);
  say(
    opened
      ? 'It opens in your browser. The address lets one browser in, once:'
      : 'Open this address in a browser, once:',
  );
  process.stdout.write(`${address}\n`);
  const running = installation.opened.then((node) => node.run(stop.signal));
  await Promise.race([running, new Promise((resolve) => stop.signal.addEventListener('abort', resolve))]);
  await server.close();
  if (installation.state() === 'open') {
    await running;
    await installation.node().close();
  }
}

/** False where there is nobody to look at a browser. */
function openInBrowser(address: string): boolean {
  const { platform, env } = process;
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return false;
  const [command = '', ...args] =
    platform === 'darwin'
      ? ['open']
      : platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open'];
  const child = spawn(command, [...args, address], { stdio: 'ignore', detached: true });
  child.on('error', () => {}); // the address stands on the terminal, too
  child.unref();
  return true;
}
