import { subscribe } from 'node:diagnostics_channel';
import fs from 'node:fs/promises';
import { ServerResponse } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import pg from 'pg';
import type { CrashPlan } from './crash-plan.ts';
import { whenAnswered } from '../when-answered.ts';
import { answerKinds, callKinds, commitKindsOf, maintenanceStatement, renameKinds } from './crash-points.ts';

/** Watches what this process says to the database, to outside systems, to clients and to the disk. */
export function watchBoundary(pass: CrashPlan): void {
  watchDatabase(pass);
  watchCalls(pass);
  watchAnswers(pass);
  watchRenames(pass);
}

type Query = (this: pg.Client, config: unknown, ...rest: unknown[]) => unknown;

function watchDatabase(pass: CrashPlan): void {
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const original = prototype.query;
  const transactions = new WeakMap<pg.Client, string[]>();
  prototype.query = function query(config, ...rest) {
    const { name = '', text = '' } = (typeof config === 'string' ? { text: config } : (config ?? {})) as {
      name?: string;
      text?: string;
    };
    if (text.startsWith('BEGIN')) transactions.set(this, []);
    else transactions.get(this)?.push(`${name} ${text}`);
    let kinds: string[] = [];
    if (text === 'COMMIT') {
      kinds = commitKindsOf(transactions.get(this) ?? []);
      transactions.delete(this);
    } else if (maintenanceStatement.test(text)) kinds = ['partitions'];
    for (const kind of kinds) pass(`${kind}:before`);
    const answer = original.call(this, config, ...rest);
    // By then the statement has been handed to the kernel.
    if (kinds.length > 0) setImmediate(() => kinds.forEach((kind) => pass(`${kind}:sent`)));
    if (kinds.length === 0) return answer;
    return whenAnswered(answer, (error) => {
      if (error === undefined) for (const kind of kinds) pass(`${kind}:after`);
    });
  };
}

function watchCalls(pass: CrashPlan): void {
  const moments = {
    'undici:request:create': 'before',
    'undici:request:bodySent': 'sent',
    'undici:request:headers': 'reply',
  };
  for (const [channel, moment] of Object.entries(moments)) {
    subscribe(channel, (message) => {
      const { method } = (message as { request: { method: string } }).request;
      const kind = callKinds[method as keyof typeof callKinds];
      if (kind !== undefined) pass(`${kind}:${moment}`);
    });
  }
  // A request without a body is out when its head is.
  subscribe('undici:client:sendHeaders', (message) => {
    const { method } = (message as { request: { method: string } }).request;
    if (method === 'GET') setImmediate(() => pass('look-up:sent'));
  });
}

function watchAnswers(pass: CrashPlan): void {
  const original = ServerResponse.prototype.writeHead;
  ServerResponse.prototype.writeHead = function writeHead(this: ServerResponse, ...args: Parameters<typeof original>) {
    const { method, url = '' } = this.req;
    const path = url.split('?')[0] ?? '';
    const answer = answerKinds.find((kind) => kind.method === method && kind.path.test(path));
    const status: unknown = args[0];
    if (answer !== undefined && typeof status === 'number' && status < 300) {
      pass(`${answer.kind}:before`);
      this.once('finish', () => pass(`${answer.kind}:after`));
    }
    return original.apply(this, args);
  } as typeof original;
}

function watchRenames(pass: CrashPlan): void {
  const original = fs.rename;
  fs.rename = async (from, to) => {
    const kind = renameKinds.find((each) => each.from.test(String(from)) && each.to.test(String(to)))?.kind;
    if (kind !== undefined) pass(`${kind}:before`);
    await original(from, to);
    if (kind !== undefined) pass(`${kind}:after`);
  };
  syncBuiltinESMExports();
}
