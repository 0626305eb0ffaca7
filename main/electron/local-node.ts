// The installation on this machine, in the desktop app's own process: loaded only where the app shows no node elsewhere.
import { selfTest } from '../../platform/crypto.ts';
import { openNode } from '../node.ts';
import { lateRoutes } from '../routes.ts';
import { serveInstallation } from '../serve.ts';
import { trustSystem } from '../sync/network.ts';
import { windowRoutes } from '../window/handlers.ts';
import { demoKeeper, readDemo } from '../window/demo.ts';
import { openInstallation, type Keeper } from '../window/installation.ts';
import { inProcess } from './in-process.ts';
import type { CallNode } from './tunnel.ts';

export type LocalNode = { call: CallNode; close(): Promise<void> };

/** `proxy` is what the system says for the way out; it counts where the institution did not set another one. */
export async function openLocalNode(o: {
  home: string;
  keeper: Keeper;
  proxy: string | undefined;
}): Promise<LocalNode> {
  selfTest();
  trustSystem();
  if (o.proxy !== undefined) process.env['HTTPS_PROXY'] ??= o.proxy;
  const stop = new AbortController();
  const { home } = o;
  const demo = readDemo(home);
  const keeper = demo ? demoKeeper(demo) : o.keeper;
  const installation = openInstallation({ home, keeper, openNode: (passphrase) => openNode({ home, passphrase }) });
  // The command line finds the node of a desktop app as it finds any other.
  const server = await serveInstallation(installation, 0);
  await installation.openKept();
  const running = installation.opened.then((node) => node.run(stop.signal));
  const call = inProcess(
    windowRoutes(installation, server.invite),
    lateRoutes(() => installation.node()),
  );
  return {
    call,
    async close() {
      stop.abort();
      await server.close();
      if (installation.state() !== 'open') return;
      await running;
      await installation.node().close();
    },
  };
}
