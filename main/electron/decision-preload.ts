// All that the page of a decision sees of the desktop app: three calls that carry bytes, on channels of their own.
import { contextBridge } from 'electron';
import type { Bridge } from '../../renderer/bridge.ts';
import { bridgeOver } from './bridge-over.ts';

const bridge: Bridge = { ...bridgeOver('decision'), pathOf: () => '' };
contextBridge.exposeInMainWorld('assent', bridge);
