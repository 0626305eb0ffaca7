// `npm start -- --empty [--home FOLDER] [--port N]`: opens the app. The desktop app where there is an Electron to run it, and
// otherwise the web edition: the same window in a browser on this machine.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { selfTest } from '../platform/crypto.ts';
import { openNode } from '../main/node.ts';
import { serveInstallation } from '../main/serve.ts';
import { openInstallation } from '../main/window/installation.ts';
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
  },
});
if (!values.empty && values.home === undefined) {
  say('npm start -- --empty           a fresh installation in a new folder, to look around');
  say('npm start -- --home FOLDER     the installation in this folder; a fresh one where it holds none');
  say('  --web                        in a browser, even where there is an Electron');
  say('  --port N                     the port of the web edition');
  process.exit(2);
}
const home = path.resolve(values.home ?? mkdtempSync(path.join(tmpdir(), 'assent-')));
selfTest();
const renderer = await buildRenderer(say);
const electron = values.web ? undefined : findElectron(say);
if (electron && 'binary' in electron) await startDesktop(electron.binary);
else await startWeb(electron?.missing);

async function startDesktop(binary: string): Promise<void> {
  const main = await buildShell({ folder: path.join(root, 'dist/desktop'), renderer });
  const child = spawn(binary, [main, `--home=${home}`], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise<number>((resolve) => {
    child.on('exit', (code) => resolve(code ?? 0));
    child.on('error', (error) => {
      say(`${binary} could not be started: ${error.message}`);
      resolve(1);
    });
  });
}

async function startWeb(missing: string | undefined): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const installation = openInstallation({ home, openNode: (passphrase) => openNode({ home, passphrase, say }) });
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
