import pg from 'pg';
import type { Duplex } from 'node:stream';
import { BinaryArray } from './binary-array.ts';
import { SendBuffer } from './send-buffer.ts';

/** The driver's connection, as far as its queries use it. */
interface Connection {
  readonly stream: Duplex;
  /** Texts by their names: of statements that the server has prepared, and of those that are on their way. */
  readonly parsedStatements: Record<string, string | undefined>;
  readonly submittedNamedStatements: Record<string, string | undefined>;
  parse(query: { text: string; name: string | undefined; types: undefined }): void;
}

/** The driver's query, as far as the one below stands in for parts of it. */
interface DriverQuery {
  readonly name: string | undefined;
  readonly text: string;
  values: readonly unknown[] | undefined;
  callback: (error: Error | null, result: pg.QueryResult) => void;
}

const DriverQuery = pg.Query as unknown as new (config: pg.QueryConfig) => DriverQuery;

/** The driver turns any value into what a parameter holds: bytes, a text or nothing. */
const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): Buffer | string | null } }).utils;

const code = { bind: 0x42, describe: 0x44, execute: 0x45, sync: 0x53, portal: 0x50 } as const;

/** Describe and Execute of the unnamed portal, and Sync: the same behind every Bind. */
const askForRows = Buffer.from([
  ...[code.describe, 0, 0, 0, 6, code.portal, 0],
  ...[code.execute, 0, 0, 0, 9, 0, 0, 0, 0, 0],
  ...[code.sync, 0, 0, 0, 4],
]);

/** Of all connections: a message is written and handed over in one turn. */
const out = new SendBuffer();

/**
 * A statement with parameters whose messages leave as one piece out of memory that is used again. The driver writes five
 * messages in pieces of their own, and a parameter of a hundred kilobytes into memory that it makes half as large again,
 * copying, some fifteen times.
 */
class PreparedQuery extends DriverQuery {
  unsent: Error | undefined;

  /** Called by the driver when it is this query's turn to be sent; the error of one that cannot be sent is answered. */
  submit(connection: Connection): Error | null {
    const { name, text } = this;
    const prepared = name && (connection.parsedStatements[name] ?? connection.submittedNamedStatements[name]);
    try {
      if (prepared && prepared !== text) throw new Error(`${name} was prepared with another text`);
      writeBind(this);
    } catch (error) {
      return (this.unsent = error as Error);
    }
    // What was written is of no more use, and a connection holds on to its last query.
    this.values = undefined;
    if (!prepared) connection.parse({ text, name, types: undefined });
    if (name && !prepared) connection.submittedNamedStatements[name] = text;
    if (connection.stream.writable) {
      const { message, sent } = out.lent();
      connection.stream.write(message, sent);
    }
    return null;
  }
}

/** Bind (PostgreSQL, "Message Formats"): bytes as bytes, everything else as text; rows are wanted as text. */
function writeBind({ name, values = [] }: DriverQuery): void {
  out.begin();
  out.byte(code.bind);
  const lengthAt = out.int32(0);
  out.byte(0); // the unnamed portal
  if (name) out.text(name);
  out.byte(0);
  const params = values.map(asParameter);
  out.int16(params.length);
  for (const param of params) out.int16(typeof param === 'object' && param !== null ? 1 : 0);
  out.int16(params.length);
  for (const param of params) writeParameter(param);
  out.int16(1);
  out.int16(0);
  out.putOwnLength(lengthAt);
  out.raw(askForRows);
}

function asParameter(value: unknown): BinaryArray | Buffer | string | null {
  return typeof value === 'string' || value instanceof BinaryArray ? value : prepareValue(value);
}

function writeParameter(param: BinaryArray | Buffer | string | null): void {
  if (param === null) {
    out.int32(-1);
    return;
  }
  const lengthAt = out.int32(0);
  if (typeof param === 'string') out.text(param);
  else if (param instanceof BinaryArray) param.writeTo(out);
  else out.raw(param);
  out.putLength(lengthAt);
}

export interface SentStatement {
  readonly answer: Promise<pg.QueryResult>;
  /** Why it was not sent: a value that no parameter can hold. The server knows nothing of it, and would commit the rest. */
  readonly unsent: Error | undefined;
}

/** Sends a statement; one with a name is prepared once per connection. Answers and refusals are heard of in order. */
export function sendStatement(
  client: pg.ClientBase,
  text: string,
  values: readonly unknown[],
  name?: string,
): SentStatement {
  if (name === undefined && values.length === 0) {
    return { answer: answerOf(client, new DriverQuery({ text })), unsent: undefined };
  }
  const query = new PreparedQuery({ text, name, values: values as unknown[] });
  // In pipeline mode the driver sends it within the call.
  return { answer: answerOf(client, query), unsent: query.unsent };
}

/** By itself, so that its closures, which the query holds, do not hold the parameters. */
function answerOf(client: pg.ClientBase, query: DriverQuery): Promise<pg.QueryResult> {
  return new Promise((resolve, reject) => {
    query.callback = (error, result) => (error ? reject(error) : resolve(result));
    client.query(query as unknown as pg.Submittable);
  });
}
