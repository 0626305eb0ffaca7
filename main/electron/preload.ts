// All that a page sees of the desktop app: three calls that carry bytes, and the path of a file that somebody dropped.
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Bridge } from '../../renderer/bridge.ts';

const bridge: Bridge = {
  open: (id, request) => ipcRenderer.invoke('node:open', id, request) as ReturnType<Bridge['open']>,
  pull: (id) => ipcRenderer.invoke('node:pull', id) as ReturnType<Bridge['pull']>,
  cancel: (id) => ipcRenderer.invoke('node:cancel', id) as ReturnType<Bridge['cancel']>,
  pathOf(file) {
    try {
      return process.argv.includes('--assent-remote') ? '' : webUtils.getPathForFile(file as File);
    } catch {
      return '';
    }
  },
};
contextBridge.exposeInMainWorld('assent', bridge);
