// fetch(), carried by the desktop app's bridge: the Connect client does not notice.
import type { Answer, Bridge } from './bridge.ts';

export function ipcFetch(bridge: Bridge): typeof fetch {
  let last = 0;
  return async (input, init = {}) => {
    const id = ++last;
    const { signal } = init;
    if (signal?.aborted) throw reasonOf(signal);
    const stop = () => void bridge.cancel(id);
    const canceled = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(reasonOf(signal)), { once: true });
    });
    canceled.catch(() => {}); // whoever waits for it hears of it
    signal?.addEventListener('abort', stop, { once: true });
    const ended = () => signal?.removeEventListener('abort', stop);
    const request = {
      path: new URL(input instanceof Request ? input.url : input).pathname,
      header: [...new Headers(init.headers)],
      body: (init.body as Uint8Array | null | undefined) ?? new Uint8Array(),
    };
    const { status, header, body } = opened(await Promise.race([canceled, bridge.open(id, request)]));
    if (body) {
      ended();
      return new Response(body as Uint8Array<ArrayBuffer>, { status, headers: header });
    }
    const stream = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const bytes = opened(await Promise.race([canceled, bridge.pull(id)]));
          if (bytes) controller.enqueue(bytes);
          else {
            ended();
            controller.close();
          }
        },
        cancel: stop,
      },
      { highWaterMark: 0 },
    );
    return new Response(stream, { status, headers: header });
  };
}

/** Older engines keep no reason. */
const reasonOf = (signal: AbortSignal): unknown =>
  (signal.reason as unknown) ?? new DOMException('The call was given up.', 'AbortError');

function opened<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  throw new Error(`${answer.code}: ${answer.message}`);
}
