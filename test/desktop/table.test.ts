// The table of the interface, drawn by a real browser with more rows than fit on any screen.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { createServer as createHttpServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/temporary.ts';
import { axe, testWindow } from './support/browser.ts';

async function tablePage(): Promise<string> {
  const outDir = temporaryFolder();
  const root = path.join(import.meta.dirname, 'pages');
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    base: './',
    plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
    build: { outDir, emptyOutDir: true, rolldownOptions: { input: path.join(root, 'table.html') } },
  });
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
  const server = createHttpServer(({ url = '/' }, response) => {
    const file = path.join(outDir, path.normalize(url));
    if (existsSync(file))
      response.setHeader('content-type', types[path.extname(file)] ?? 'text/plain').end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return `http://127.0.0.1:${port}/table.html`;
}

test('of ten thousand rows only those in sight are drawn, and every one can be reached', async () => {
  const { page, errors } = await testWindow();
  await page.goto(await tablePage());
  await page.getByText('row-1', { exact: true }).waitFor();
  const drawn = () => page.locator('tbody tr[aria-rowindex]').count();
  expect(await drawn()).toBeLessThan(80);
  expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('10001');
  expect(await axe(page)).toEqual([]);

  const scrollTo = (top: string) =>
    page.evaluate(`(() => { const r = document.querySelector('[role=region]'); r.scrollTop = ${top} })()`);
  await scrollTo('r.scrollHeight');
  await page.getByText('row-10000', { exact: true }).waitFor();
  expect(await drawn()).toBeLessThan(80);
  await scrollTo('r.scrollHeight / 2');
  await page.getByText('row-5000', { exact: true }).waitFor();

  // By keys past the edge of what is drawn.
  await scrollTo('0');
  await page.getByText('row-1', { exact: true }).focus();
  for (let i = 0; i < 60; i++) await page.keyboard.press('ArrowDown');
  expect(await page.evaluate('document.activeElement.innerText')).toBe('row-61');
  for (let i = 0; i < 60; i++) await page.keyboard.press('k');
  expect(await page.evaluate('document.activeElement.innerText')).toBe('row-1');
  expect(errors).toEqual([]);
}, 180_000);
