// The operator's client of a running coordinator, as the command line makes it.
import { createClient, type Client } from '@connectrpc/connect';
import { addressFile } from '../../coordinator/store/open.ts';
import { localTransport, readAddress, type Address } from '../../platform/local-client.ts';
import { AdminService } from '../../shared/gen/assent/v1/admin_pb.ts';

/** Throws while there is no address: the program is not running. */
export function adminClient(home: string, changes: Partial<Address> = {}): Client<typeof AdminService> {
  const address = readAddress(addressFile(home));
  if (!address) throw new Error(`No coordinator runs in ${home}.`);
  return createClient(AdminService, localTransport({ ...address, ...changes }));
}
