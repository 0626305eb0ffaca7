// What goes on beside the window: the tray, notifications, no sleep while it trains, and a lock with the machine's own.
import { app, Menu, Notification, powerMonitor, powerSaveBlocker, Tray } from 'electron';
import { shellTexts } from '../../shared/text/shell.ts';
import type { Asking, NodeState } from './asking-node.ts';
import type { Tunnel } from './tunnel.ts';

const EVERY_MS = 5_000;

export function watchInBackground(o: { asking: Asking; tunnel: Tunnel; icon: string; show(): void }): () => void {
  const t = shellTexts(app.getLocale());
  const tray = trayOf(o.icon, o.show, t);
  let last: NodeState = { waiting: 0, training: false };
  let blocker: number | undefined;

  async function look(): Promise<void> {
    const now = await o.asking.state();
    if (!now) return;
    // Nothing of a round is told here: the machine may be locked, and others may look.
    if (now.waiting > last.waiting && Notification.isSupported()) {
      const notification = new Notification({ title: 'Assent', body: t.waits, silent: true });
      notification.on('click', o.show);
      notification.show();
    }
    tray?.setToolTip(now.waiting > 0 ? t.waiting(now.waiting) : 'Assent');
    if (now.training && blocker === undefined) blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (!now.training && blocker !== undefined) {
      powerSaveBlocker.stop(blocker);
      blocker = undefined;
    }
    last = now;
  }
  const timer = setInterval(() => void look(), EVERY_MS);
  powerMonitor.on('lock-screen', () => {
    for (const session of o.tunnel.sessions()) void o.asking.lock(session);
  });
  powerMonitor.on('resume', () => void look());
  return () => {
    clearInterval(timer);
    tray?.destroy();
  };
}

/** Undefined where the desktop has no place for one. */
function trayOf(icon: string, show: () => void, t: ReturnType<typeof shellTexts>): Tray | undefined {
  try {
    const tray = new Tray(icon);
    tray.setToolTip('Assent');
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: t.open, click: show },
        { label: t.quit, click: () => app.quit() },
      ]),
    );
    tray.on('click', show);
    return tray;
  } catch {
    return undefined;
  }
}
