// All that a page sees of the desktop app: three calls that carry bytes, and the path of a file that somebody dropped.
import { contextBridge, webUtils } from 'electron';
import type { Bridge } from '../../renderer/bridge.ts';
import { bridgeOver } from './bridge-over.ts';

const bridge: Bridge = {
  ...bridgeOver('node'),
  pathOf(file) {
    try {
      return process.argv.includes('--assent-remote') ? '' : webUtils.getPathForFile(file as File);
    } catch {
      return '';
    }
  },
};
contextBridge.exposeInMainWorld('assent', bridge);
