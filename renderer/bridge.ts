// What the preload of the desktop app shows to its page: a fetch over three calls, and the path of a dropped file. No events.
export type NodeRequest = { path: string; header: [string, string][]; body: Uint8Array };
/** `body` is null where the answer is a stream, to be pulled. */
export type Head = { status: number; header: [string, string][]; body: Uint8Array | null };
export type Answer<T> = { ok: true; value: T } | { ok: false; code: string; message: string };

export type Bridge = {
  open(id: number, request: NodeRequest): Promise<Answer<Head>>;
  pull(id: number): Promise<Answer<Uint8Array | null>>;
  cancel(id: number): Promise<Answer<void>>;
  /** Where a file that a person chose or dropped lies on this machine; empty for one that is nowhere. */
  pathOf(file: unknown): string;
};
