// All that the page of a decision sees of the desktop app: three calls that carry bytes, on channels of their own.
import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge } from '../../renderer/bridge.ts';

const bridge: Bridge = {
  open: (id, request) => ipcRenderer.invoke('decision:open', id, request) as ReturnType<Bridge['open']>,
  pull: (id) => ipcRenderer.invoke('decision:pull', id) as ReturnType<Bridge['pull']>,
  cancel: (id) => ipcRenderer.invoke('decision:cancel', id) as ReturnType<Bridge['cancel']>,
  pathOf: () => '',
};
contextBridge.exposeInMainWorld('assent', bridge);
