// The command that lets one more browser window of this machine in.
import { createClient } from '@connectrpc/connect';
import { AssentError } from '../../shared/errors.ts';
import { WindowService } from '../../shared/gen/assent/v1/window_pb.ts';
import { fromWire } from '../../shared/rpc/errors.ts';
import type { Command } from '../../platform/cli.ts';
import { localTransport, readAddress } from '../../platform/local-client.ts';
import { addressFile } from '../store/open.ts';
import type { NodeCommandContext } from './asking.ts';

export const windowCommands: Record<string, Command<NodeCommandContext>> = {
  open: {
    usage: '',
    help: 'an address that opens one browser window on this machine, once, while the node runs',
    arguments: [0, 0],
    async run({ home, running }, _args, _values, io) {
      const address = home !== undefined && running ? readAddress(addressFile(home)) : undefined;
      if (!address) throw new AssentError('NODE_UNREACHABLE', 'No node runs on this folder. Start it: assent-node run');
      try {
        const invited = await createClient(WindowService, localTransport(address)).inviteWindow({});
        io.out(`${invited.address}\n`);
      } catch (error) {
        throw fromWire(error, 'NODE_UNREACHABLE');
      }
    },
  },
};
