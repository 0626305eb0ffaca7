// The three calls that carry bytes from a page to the main process; each kind of window has channels of its own.
import { ipcRenderer } from 'electron';
import type { Bridge } from '../../renderer/bridge.ts';

export type Channel = 'node' | 'decision';

export const bridgeOver = (channel: Channel): Pick<Bridge, 'open' | 'pull' | 'cancel'> => ({
  open: (id, request) => ipcRenderer.invoke(`${channel}:open`, id, request) as ReturnType<Bridge['open']>,
  pull: (id) => ipcRenderer.invoke(`${channel}:pull`, id) as ReturnType<Bridge['pull']>,
  cancel: (id) => ipcRenderer.invoke(`${channel}:cancel`, id) as ReturnType<Bridge['cancel']>,
});
