// What no page may do, whichever it is: leave, open windows, ask for the machine's devices, load anything but its own files.
import { app, type Session, type WebContents } from 'electron';

export type WebContentsEvent = { sender: WebContents; senderFrame?: Electron.WebFrameMain | null };
type OldEvent = { preventDefault(): void };

/** Its pages load from this origin alone, and what they hold themselves. */
export function hardenSession(session: Session, origin: string): void {
  const own = `blob:${origin}/`;
  const isOurs = (url: string) => url.startsWith(`${origin}/`) || url.startsWith(own);
  session.setPermissionRequestHandler((_contents, _permission, done) => done(false));
  session.setPermissionCheckHandler(() => false);
  session.webRequest.onBeforeRequest((details, done) => {
    done({ cancel: !isOurs(details.url) && !details.url.startsWith('devtools:') });
  });
  // What the window itself holds, an export that it fetched, is saved where the person says; nothing else is.
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith(own)) event.preventDefault();
  });
}

export function hardenContents(): void {
  app.on('web-contents-created', (_event, contents) => {
    const stop = (event: OldEvent) => event.preventDefault();
    contents.on('will-navigate', stop);
    contents.on('will-redirect', stop);
    contents.on('will-attach-webview', stop);
    if (typeof contents.setWindowOpenHandler === 'function') contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    else (contents as { on(name: string, listener: (event: OldEvent) => void): void }).on('new-window', stop);
  });
}

/** Whether a call comes from the top frame of a page of this origin. */
export function isPageOf(origin: string, event: WebContentsEvent): boolean {
  const { senderFrame: frame } = event;
  if (frame === undefined) return event.sender.getURL().startsWith(`${origin}/`); // shells before 12
  return frame !== null && frame.parent === null && frame.origin === origin;
}
