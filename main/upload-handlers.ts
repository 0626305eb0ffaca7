// The methods of node.proto by which a browser brings a file.
import type { ServiceImpl } from '@connectrpc/connect';
import type { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import type { AssentNode } from './node.ts';

export function uploadHandlers({
  uploads,
}: Pick<AssentNode, 'uploads'>): Pick<ServiceImpl<typeof NodeService>, 'uploadFile' | 'discardUpload'> {
  return {
    uploadFile({ upload, name, size, offset, content }) {
      const id = upload === '' ? uploads.begin(name, Number(size)) : upload;
      const { received, path = '' } = uploads.add(id, Number(offset), content);
      return { upload: id, received: BigInt(received), path };
    },
    discardUpload({ upload }) {
      uploads.discard(upload);
      return {};
    },
  };
}
