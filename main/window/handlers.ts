// The methods of window.proto.
import type { ConnectRouter, ServiceImpl } from '@connectrpc/connect';
import { StoreState, WindowService } from '../../shared/gen/assent/v1/window_pb.ts';
import { servingOptions } from '../../shared/rpc/serving.ts';
import { readDemo } from './demo.ts';
import type { Installation } from './installation.ts';

/** Makes the address by which one more window comes in. */
type Invite = () => string;

const STATES = { absent: StoreState.ABSENT, closed: StoreState.CLOSED, open: StoreState.OPEN };

export const windowRoutes =
  (installation: Installation, invite: Invite) =>
  (router: ConnectRouter): void =>
    void router.service(WindowService, windowHandlers(installation, invite), servingOptions);

function windowHandlers(installation: Installation, invite: Invite): ServiceImpl<typeof WindowService> {
  const { home, keeper } = installation;
  return {
    getStore: () => ({
      state: STATES[installation.state()],
      home,
      keptBySystem: keeper.keeps,
      keeper: keeper.name,
      demo: readDemo(home)?.people ?? [],
    }),
    newPassphrase: () => ({ groups: installation.newPassphrase() }),
    async makeStore({ typed }) {
      await installation.make(typed);
      return {};
    },
    async openStore({ passphrase }) {
      await installation.open(passphrase);
      return {};
    },
    inviteWindow: () => ({ address: invite() }),
  };
}
