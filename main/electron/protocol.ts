// The scheme app: the interface's own files by exact name, under the same policy as the web edition. Nothing else has a name.
import { protocol, type Session } from 'electron';
import { SECURITY_HEADERS, type Page } from '../window/pages.ts';

export const ORIGIN = 'app://assent';

/** Before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

export function answerFor(pages: ReadonlyMap<string, Page>, address: string): { status: number; page?: Page } {
  const url = new URL(address);
  const page = url.host === 'assent' ? pages.get(url.pathname) : undefined;
  return page ? { status: 200, page } : { status: 404 };
}

export function servePages(session: Session, pages: ReadonlyMap<string, Page>): void {
  const headersOf = (page: Page | undefined) => ({
    ...SECURITY_HEADERS,
    'content-type': page?.type ?? 'text/plain',
    'cache-control': 'no-store',
  });
  if (typeof session.protocol.handle === 'function') {
    session.protocol.handle('app', ({ url }) => {
      const { status, page } = answerFor(pages, url);
      return new Response(page ? new Uint8Array(page.body) : '', { status, headers: headersOf(page) });
    });
    return;
  }
  // Shells before 25, which the smoke test may find.
  session.protocol.registerBufferProtocol('app', ({ url }, reply) => {
    const { status, page } = answerFor(pages, url);
    const mimeType = (page?.type ?? 'text/plain').split(';')[0]!;
    reply({ statusCode: status, mimeType, headers: headersOf(page), data: page?.body ?? Buffer.alloc(0) });
  });
}
