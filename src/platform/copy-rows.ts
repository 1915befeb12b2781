import { Readable } from 'node:stream';
import type pg from 'pg';

/**
 * COPY over an open connection (PostgreSQL protocol, "COPY Operations"), streamed both ways: the driver itself has no COPY.
 * What the driver calls on a query object of its own is its documented extension point (`Submittable`).
 */
interface WireConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  sendCopyFail(message: string): void;
  endCopyFrom(): void;
  readonly stream: NodeJS.ReadWriteStream & { writableNeedDrain?: boolean };
}

/** The part that COPY in and out share; the driver drives it. */
abstract class CopyQuery {
  /** Rows, by the command tag `COPY n`. */
  readonly done: Promise<number>;
  readonly #text: string;
  #settle: { resolve(rows: number): void; reject(error: Error): void } | undefined;
  #rows = 0;
  #error: Error | undefined;
  // The driver sets and calls it; nothing here needs it.
  callback = (): void => {};

  constructor(text: string) {
    this.#text = text;
    this.done = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // Whoever waits sees it; a failure that arrives before somebody waits must not end the process.
    this.done.catch(() => {});
  }

  submit(connection: WireConnection): undefined {
    connection.query(this.#text);
    return undefined;
  }

  handleCommandComplete(message: { text: string }): void {
    this.#rows = Number(/^COPY (\d+)$/.exec(message.text)?.[1] ?? 0);
  }

  handleError(error: Error): void {
    this.#error = error;
    this.failed(error);
    this.#settle?.reject(error);
  }

  handleReadyForQuery(): void {
    if (this.#error !== undefined) return;
    this.ended();
    this.#settle?.resolve(this.#rows);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyInResponse(_connection: WireConnection): void {}
  handleCopyData(_message: { chunk: Buffer }, _connection: WireConnection): void {}

  protected failed(_error: Error): void {}
  protected ended(): void {}
}

class CopyOut extends CopyQuery {
  #connection: WireConnection | undefined;
  readonly rows = new Readable({ read: () => void this.#connection?.stream.resume() });

  override handleCopyData(message: { chunk: Buffer }, connection: WireConnection): void {
    this.#connection = connection;
    // The driver reuses the memory that a chunk lies in.
    if (!this.rows.push(Buffer.from(message.chunk))) connection.stream.pause();
  }

  protected override failed(error: Error): void {
    this.#connection?.stream.resume();
    this.rows.destroy(error);
  }

  protected override ended(): void {
    this.rows.push(null);
    // The end may have come with the chunk that was one too many; nobody asks for more after it.
    this.#connection?.stream.resume();
  }
}

class CopyIn extends CopyQuery {
  readonly #source: AsyncIterable<Uint8Array>;

  constructor(text: string, source: AsyncIterable<Uint8Array>) {
    super(text);
    this.#source = source;
  }

  override handleCopyInResponse(connection: WireConnection): void {
    this.#send(connection).then(
      () => connection.endCopyFrom(),
      (error: Error) => connection.sendCopyFail(error.message),
    );
  }

  async #send(connection: WireConnection): Promise<void> {
    for await (const chunk of this.#source) {
      connection.sendCopyFromChunk(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      if (connection.stream.writableNeedDrain === true) {
        await new Promise((resolve) => connection.stream.once('drain', resolve));
      }
    }
  }
}

/**
 * `COPY … TO STDOUT`. Read `rows` to the end, then await `done`. A slow reader slows the server down; memory stays bounded.
 * @returns the bytes, and how many rows they were
 */
export function copyOut(client: pg.Client, text: string): { rows: Readable; done: Promise<number> } {
  const query = new CopyOut(text);
  client.query(query as unknown as pg.Submittable);
  return { rows: query.rows, done: query.done };
}

/** `COPY … FROM STDIN`. @returns how many rows were taken in; rejects, with nothing taken in, when the source fails */
export function copyIn(client: pg.Client, text: string, source: AsyncIterable<Uint8Array>): Promise<number> {
  const query = new CopyIn(text, source);
  client.query(query as unknown as pg.Submittable);
  return query.done;
}
