// The tensor plane: HEAD, PATCH and GET /blobs/<sha256>. Uploads resume; a member reads models and its own uploads' sizes, and
// what another institution sent only where the study publishes it to the cohort of a round that was aggregated.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AssentError } from '../shared/errors.ts';
import { toWireBody } from '../shared/rpc/http-errors.ts';
import { formsOf } from '../shared/study/forms.ts';
import type { BlobFiles } from '../platform/blob-files.ts';
import { callerOf, needAdmitted, type CallerDeps } from './caller.ts';
import type { Conductor } from './conductor.ts';
import type { MemberRow } from './members.ts';

export type BlobDeps = CallerDeps & { conductor: Conductor; report(error: unknown): void };
type Request = FastifyRequest<{ Params: { hash: string } }>;

export function blobPlane(deps: BlobDeps) {
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    // Bodies are streamed to the disk; nothing is parsed.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
    app.setErrorHandler((error, _request, reply) => refuse(deps, reply, error));
    // The body of a refused upload is not read: the connection ends instead.
    app.addHook('onRequest', async (request: Request) => {
      const member = caller(deps, request);
      if (request.method === 'PATCH') checkUpload(deps, request, member);
    });
    app.head('/blobs/:hash', { exposeHeadRoute: false } as object, (request: Request, reply) =>
      head(deps, request, reply),
    );
    app.get('/blobs/:hash', { exposeHeadRoute: false } as object, (request: Request, reply) =>
      get(deps, request, reply),
    );
    app.patch('/blobs/:hash', (request: Request, reply) => patch(deps, request, reply));
    done();
  };
}

function caller(deps: BlobDeps, request: Request): MemberRow {
  const header = (name: string) => String(request.headers[name] ?? '');
  return needAdmitted(callerOf(deps, { method: request.method, path: request.url, header }));
}

function hashOf({ params: { hash } }: Request): string {
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw new AssentError('REQUEST_INVALID', 'A blob is named by 64 lowercase hex digits.');
}

/**
 * Uploads need an approval in an open round, and are no larger than that round's update. Returns the sizes of all that the
 * member may send. Throws APPROVAL_MISSING, BLOB_SIZE.
 */
function checkUpload(deps: BlobDeps, request: Request, { id }: MemberRow): number[] {
  hashOf(request);
  const sizes = openUploads(deps, id);
  const { offset, length } = uploadHeaders(request);
  const most = Math.max(...sizes);
  const size = Math.max(length, offset + Number(request.headers['content-length'] ?? 0));
  if (size > most)
    throw new AssentError('BLOB_SIZE', `${size} bytes are more than the ${most} that the open round allows.`, {
      most: String(most),
    });
  if (offset + Number(request.headers['content-length'] ?? 0) > length)
    throw new AssentError('BLOB_SIZE', `The body goes beyond the ${length} bytes announced.`, { most: String(length) });
  return sizes;
}

/** Bytes that the member may send, one for each open round that it has approved. Throws APPROVAL_MISSING when there is none. */
function openUploads({ conductor }: BlobDeps, member: string): number[] {
  const open = conductor
    .all()
    .filter(({ state: { open } }) => open?.stage === 'collecting' && open.seats[member]?.status === 'approved');
  if (open.length === 0)
    throw new AssentError('APPROVAL_MISSING', `${member} has approved no round that is open, so nothing can be sent.`);
  return open.map(({ study }) => formsOf(study).update.size);
}

function uploadHeaders({ headers }: Request): { offset: number; length: number } {
  const [offset, length] = [headers['upload-offset'], headers['upload-length']].map((text) =>
    /^\d{1,15}$/.test(String(text)) ? Number(text) : NaN,
  );
  if (!(offset! >= 0 && length! >= offset!))
    throw new AssentError('REQUEST_INVALID', 'Upload-Offset and Upload-Length must be whole numbers, in this order.');
  return { offset: offset!, length: length! };
}

async function patch(deps: BlobDeps, request: Request, reply: FastifyReply): Promise<FastifyReply> {
  const member = caller(deps, request);
  const { id } = member;
  const hash = hashOf(request);
  const { offset, length } = uploadHeaders(request);
  const { uploads, updates } = deps.store;
  // Only the beginning is in turn: the stream may take long, and whatever needs its place ends it.
  const { done } = await uploads.inTurn(id, async () => {
    await uploads.makeRoom(id, { hash, bytes: length }, checkUpload(deps, request, member));
    return { done: updates(id).append(hash, offset, length, bodyOf(request)) };
  });
  const now = await done.catch((error: unknown) => {
    openUploads(deps, id); // when the round closed meanwhile, that is the reason
    throw error;
  });
  return reply.code(204).header('upload-offset', now.offset).header('upload-length', length).send();
}

/** A body that breaks off is no failure of ours: what came of it is kept, and the sender goes on from there. */
async function* bodyOf({ body }: Request): AsyncIterable<Uint8Array> {
  try {
    yield* (body ?? []) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new AssentError('CANCELED', 'The upload broke off.', {}, cause);
  }
}

async function head(deps: BlobDeps, request: Request, reply: FastifyReply): Promise<FastifyReply> {
  const { id } = caller(deps, request);
  const hash = hashOf(request);
  const model = await modelFor(deps, id, hash);
  if (model) return whole(reply, model);
  const files = deps.store.updates(id);
  const part = await deps.store.uploads.inTurn(id, () => files.uploaded(hash));
  const mine = await files.size(hash);
  if (mine !== undefined) return reply.header('upload-offset', mine).header('upload-length', mine).send();
  if (part > 0) return reply.header('upload-offset', part).send();
  const published = await publishedTo(deps, id, hash);
  return published ? whole(reply, published) : reply.code(404).send();
}

const whole = (reply: FastifyReply, { size }: Readable): FastifyReply =>
  reply.header('content-length', size).header('accept-ranges', 'bytes').send();

async function get(deps: BlobDeps, request: Request, reply: FastifyReply): Promise<FastifyReply> {
  const { id } = caller(deps, request);
  const hash = hashOf(request);
  const readable = (await modelFor(deps, id, hash)) ?? (await publishedTo(deps, id, hash));
  if (!readable) throw new AssentError('BLOB_UNKNOWN', `${id} can fetch no blob ${hash}.`, { hash });
  const { files, size } = readable;
  const { start, end } = rangeOf(request.headers.range, size);
  reply
    .header('content-type', 'application/octet-stream')
    .header('content-length', end - start)
    .header('accept-ranges', 'bytes');
  if (end - start < size) reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${size}`);
  return reply.send(files.stream(hash, start, end));
}

type Readable = { files: BlobFiles; size: number };

/** Of the studies that the member joined. */
async function modelFor({ store }: BlobDeps, member: string, hash: string): Promise<Readable | undefined> {
  const known = store.journal.read.get(
    'select 1 from model join participant using (study) where sha256 = ? and participant.member = ? and left_at is null',
    hash,
    member,
  );
  return known ? sized(store.models, hash) : undefined;
}

/** An update that is published, to a member of that round's cohort. */
async function publishedTo({ store }: BlobDeps, member: string, hash: string): Promise<Readable | undefined> {
  const found = store.journal.read.get<{ sender: string }>(
    `select published.member as sender from published join round using (study, round, attempt) where published.blob = ?
     and exists (select 1 from json_each(cast(round.bytes as text), '$.cohort') where value = ?) limit 1`,
    hash,
    member,
  );
  return found && sized(store.updates(found.sender), hash);
}

async function sized(files: BlobFiles, hash: string): Promise<Readable | undefined> {
  const size = await files.size(hash);
  return size === undefined ? undefined : { files, size };
}

/** One range of the form `bytes=start-` or `bytes=start-last`; anything else is answered with the whole. */
function rangeOf(header: string | undefined, size: number): { start: number; end: number } {
  const [, first, last] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === undefined) return { start: 0, end: size };
  const start = Number(first);
  const end = last ? Math.min(Number(last) + 1, size) : size;
  if (start >= end)
    throw new AssentError('REQUEST_INVALID', `The range ${header} lies outside the ${size} bytes of the blob.`);
  return { start, end };
}

async function refuse({ report }: BlobDeps, reply: FastifyReply, error: unknown): Promise<FastifyReply> {
  const { status, body } = toWireBody(error);
  if (body.code === 'INTERNAL') report(error);
  return reply.code(status).header('connection', 'close').send(body);
}
