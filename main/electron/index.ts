// The desktop app: one instance, one window, the node in this process or in the institution's data centre.
import { app, ipcMain, Menu, session, type BrowserWindow, type IpcMainInvokeEvent } from 'electron';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Answer } from '../../renderer/bridge.ts';
import { readPages } from '../window/pages.ts';
import { askingNode } from './asking-node.ts';
import { watchInBackground } from './background.ts';
import type { Channel } from './bridge-over.ts';
import { decisionWindow, type DecisionWindow } from './decision-window.ts';
import { hardenContents, hardenSession, isPageOf } from './hardening.ts';
import { systemKeeper } from './keeper.ts';
import type { LocalNode, openLocalNode } from './local-node.ts';
import { DECISION_ORIGIN, ORIGIN, registerScheme, servePages } from './protocol.ts';
import { remoteCalls } from './remote.ts';
import { checkedRemote, readSettings, writeSettings } from './settings.ts';
import { withShell, type ShellMethods } from './shell-calls.ts';
import { createTunnel, exceptDeciding, type CallNode, type Tunnel } from './tunnel.ts';
import { openWindow } from './window.ts';

const folder = __dirname;
const argument = (name: string) => process.argv.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3);
const home = resolve(argument('home') ?? join(app.getPath('userData'), 'installation'));
if (argument('home') !== undefined) app.setPath('userData', join(home, 'desktop'));
const settingsFile = join(app.getPath('userData'), 'shell.json');

registerScheme();
hardenContents();
let window: BrowserWindow | undefined;
let local: LocalNode | undefined;

if (app.requestSingleInstanceLock()) void app.whenReady().then(start);
else app.quit();

async function start(): Promise<void> {
  const { remote } = readSettings(settingsFile);
  Menu.setApplicationMenu(null);
  const pages = join(folder, 'renderer');
  hardenSession(session.defaultSession, ORIGIN);
  servePages(session.defaultSession, ORIGIN, readPages(pages));
  const call = remote ? remoteCalls(remote) : await callsHere();
  const decisions = decisionWindow({ folder, pages: readPages(pages, 'decision.html'), call, parent: () => window });
  const tunnel = createTunnel(withShell(shellMethods(remote?.url ?? '', decisions), exceptDeciding(call)));
  answer('node', (event) => (isPageOf(ORIGIN, event) ? tunnel : undefined));
  answer('decision', (event) => (isPageOf(DECISION_ORIGIN, event) ? decisions.tunnelOf(event.sender) : undefined));
  const show = () => {
    if (!window || window.isDestroyed()) window = openWindow(folder, tunnel, remote !== null);
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };
  show();
  watchInBackground({ asking: askingNode(call), tunnel, icon: join(folder, 'tray.png'), show });
  app.on('second-instance', show);
  app.on('activate', show);
}

/** Loaded here only: a shell that shows a node elsewhere needs none of it. */
async function callsHere(): Promise<CallNode> {
  const path = pathToFileURL(join(folder, 'local-node.js')).href;
  const { openLocalNode: open } = (await import(path)) as { openLocalNode: typeof openLocalNode };
  const keeper = await systemKeeper(join(app.getPath('userData'), 'passphrase.sealed'));
  // A proxy that the system finds by a script, too, is asked for here.
  const [first = ''] = (await session.defaultSession.resolveProxy('https://coordinator.invalid/')).split(';');
  const proxy = /^PROXY (\S+)$/.exec(first.trim())?.[1];
  local = await open({ home, keeper, proxy: proxy && `http://${proxy}` });
  return local.call;
}

/** Answers the calls of one kind of window; a page without a tunnel is not ours. */
function answer(channel: Channel, tunnelFor: (event: IpcMainInvokeEvent) => Tunnel | undefined): void {
  const guarded =
    <T>(act: (tunnel: Tunnel, sender: { id: number }, ...args: unknown[]) => Promise<T> | T) =>
    async (event: IpcMainInvokeEvent, ...args: unknown[]): Promise<Answer<T>> => {
      const tunnel = tunnelFor(event);
      if (!tunnel) return { ok: false, code: 'SENDER_REFUSED', message: 'This is not our page.' };
      try {
        return { ok: true, value: await act(tunnel, event.sender, ...args) };
      } catch (error) {
        return { ok: false, code: 'NODE_UNREACHABLE', message: error instanceof Error ? error.message : 'refused' };
      }
    };
  ipcMain.handle(
    `${channel}:open`,
    guarded((tunnel, sender, id, request) => tunnel.open(sender, id, request)),
  );
  ipcMain.handle(
    `${channel}:pull`,
    guarded((tunnel, sender, id) => tunnel.pull(sender, id)),
  );
  ipcMain.handle(
    `${channel}:cancel`,
    guarded((tunnel, sender, id) => tunnel.cancel(sender, id)),
  );
}

function shellMethods(remote: string, decisions: DecisionWindow): ShellMethods {
  const again = () => {
    setTimeout(() => {
      app.relaunch();
      app.quit();
    }, 500);
    return {};
  };
  return {
    GetShell: () => ({ openAtLogin: app.getLoginItemSettings().openAtLogin, remote }),
    SetOpenAtLogin({ open }) {
      app.setLoginItemSettings({ openAtLogin: open === true });
      return {};
    },
    ConnectTo(asked) {
      writeSettings(settingsFile, { remote: checkedRemote(asked) });
      return again();
    },
    UseThisMachine() {
      writeSettings(settingsFile, { remote: null });
      return again();
    },
    OpenDecision(asked, signedIn) {
      decisions.open(asked, signedIn);
      return {};
    },
  };
}

// Training goes on with the window closed; the tray brings it back, and says how to end the app.
app.on('window-all-closed', () => {});
let ended = false;
app.on('will-quit', (event) => {
  if (ended || !local) return;
  event.preventDefault();
  ended = true;
  void local.close().finally(() => app.quit());
});
