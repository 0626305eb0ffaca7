// The one window: sandboxed, isolated, and closed to everything but its preload.
import { BrowserWindow } from 'electron';
import { join } from 'node:path';
import { ORIGIN } from './protocol.ts';
import type { Tunnel } from './tunnel.ts';

export function openWindow(folder: string, tunnel: Tunnel, remote: boolean): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 840,
    minWidth: 480,
    minHeight: 400,
    show: false,
    title: 'Assent',
    icon: join(folder, 'icon.png'),
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(folder, 'preload.cjs'),
      contextIsolation: true,
      nodeIntegration: false,
      sandbox: true,
      spellcheck: false,
      additionalArguments: remote ? ['--assent-remote'] : [],
    },
  });
  const { webContents } = window;
  const { id } = webContents;
  webContents.on('did-start-navigation', (_event, _url, inPlace, mainFrame) => {
    if (mainFrame && !inPlace) tunnel.closeAll({ id });
  });
  webContents.on('destroyed', () => tunnel.closeAll({ id }));
  webContents.on('render-process-gone', () => tunnel.closeAll({ id }));
  window.once('ready-to-show', () => window.show());
  void window.loadURL(`${ORIGIN}/index.html`);
  return window;
}
