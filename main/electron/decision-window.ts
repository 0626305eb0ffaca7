// The small window in which a person decides on a round. It is a page of another origin, session and process than the app's own
// window, with a preload and calls of its own: what is read and signed there does not pass through the app's own window, which
// in turn can decide on nothing.
import { BrowserWindow, session } from 'electron';
import { join } from 'node:path';
import { hardenSession, type WebContentsEvent } from './hardening.ts';
import { DECISION_ORIGIN, servePages } from './protocol.ts';
import type { Pages } from '../window/pages.ts';
import { createTunnel, decidingAs, type CallNode, type Tunnel } from './tunnel.ts';

export type DecisionWindow = {
  /** Opens it on this round, as the person whose session this is; one that is open closes. Throws with a sentence to show. */
  open(asked: Record<string, unknown>, session: string): void;
  /** Undefined for any page but the one that is open. */
  tunnelOf(sender: WebContentsEvent['sender']): Tunnel | undefined;
};

export function decisionWindow(o: {
  folder: string;
  pages: Pages;
  call: CallNode;
  parent: () => BrowserWindow | undefined;
}): DecisionWindow {
  const own = session.fromPartition('decision');
  hardenSession(own, DECISION_ORIGIN);
  servePages(own, DECISION_ORIGIN, o.pages);
  let now: { window: BrowserWindow; tunnel: Tunnel } | undefined;

  return {
    open(asked, signedIn) {
      const address = addressOf(asked);
      if (signedIn === '') throw new Error('Nobody is signed in.');
      now?.window.destroy();
      const parent = o.parent();
      const window = new BrowserWindow({
        width: 560,
        height: 820,
        minWidth: 400,
        minHeight: 400,
        show: false,
        title: 'Assent',
        icon: join(o.folder, 'icon.png'),
        autoHideMenuBar: true,
        minimizable: false,
        maximizable: false,
        fullscreenable: false,
        ...(parent && { parent }),
        webPreferences: {
          preload: join(o.folder, 'decision-preload.cjs'),
          session: own,
          contextIsolation: true,
          nodeIntegration: false,
          sandbox: true,
          spellcheck: false,
        },
      });
      const tunnel = createTunnel(decidingAs(signedIn, o.call));
      const { id } = window.webContents;
      window.on('closed', () => {
        tunnel.closeAll({ id });
        if (now?.window === window) now = undefined;
      });
      window.once('ready-to-show', () => window.show());
      now = { window, tunnel };
      void window.loadURL(address);
    },
    tunnelOf: (sender) => (now && sender === now.window.webContents ? now.tunnel : undefined),
  };
}

/** What the window is about goes into its address; the page reads everything else from the node. */
function addressOf({ study, round, attempt, locale, theme }: Record<string, unknown>): string {
  const whole = [round, attempt].every((each) => Number.isInteger(each) && Number(each) > 0);
  if (typeof study !== 'string' || !/^[a-z][a-z0-9-]{0,62}$/.test(study) || !whole)
    throw new Error('There is no such round.');
  if (locale !== 'en' && locale !== 'zh') throw new Error('There is no such language.');
  const colours = theme === 'light' || theme === 'dark' ? theme : 'system';
  const about = [study, String(round), String(attempt), locale, colours];
  return `${DECISION_ORIGIN}/decision.html#/${about.map(encodeURIComponent).join('/')}`;
}
