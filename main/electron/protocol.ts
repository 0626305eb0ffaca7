// The scheme app: the interface's own files by exact name, under the same policy as the web edition. Nothing else has a name.
import { protocol, type Session } from 'electron';
import { SECURITY_HEADERS, type Page, type Pages } from '../window/pages.ts';

/** Of the app's own window, and of the one in which somebody decides: neither reaches into the other. */
export const ORIGIN = 'app://assent';
export const DECISION_ORIGIN = 'app://decision';

/** Before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

function answerFor(origin: string, pages: Pages, address: string): { status: number; page?: Page } {
  const { host, pathname } = new URL(address);
  const page = host === new URL(origin).host ? pages.get(pathname) : undefined;
  return page ? { status: 200, page } : { status: 404 };
}

export function servePages(session: Session, origin: string, pages: Pages): void {
  const headersOf = (page: Page | undefined) => ({
    ...SECURITY_HEADERS,
    'content-type': page?.type ?? 'text/plain',
    'cache-control': 'no-store',
  });
  if (typeof session.protocol.handle === 'function') {
    session.protocol.handle('app', ({ url }) => {
      const { status, page } = answerFor(origin, pages, url);
      return new Response(page ? new Uint8Array(page.body) : '', { status, headers: headersOf(page) });
    });
    return;
  }
  // Shells before 25, which the smoke test may find.
  session.protocol.registerBufferProtocol('app', ({ url }, reply) => {
    const { status, page } = answerFor(origin, pages, url);
    const mimeType = (page?.type ?? 'text/plain').split(';')[0]!;
    reply({ statusCode: status, mimeType, headers: headersOf(page), data: page?.body ?? Buffer.alloc(0) });
  });
}
