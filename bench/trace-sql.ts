/**
 * Preloaded into a hub process (`--import`) to see where the time of its transactions goes: adds up the milliseconds
 * that callers waited for BEGIN, COMMIT and statements, by the pool's application name, and writes them to
 * BENCH_TRACE_FILE when told to (SIGUSR2) and at the end.
 */
import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { whenAnswered } from '../test/faults/when-answered.ts';

interface Sum {
  count: number;
  ms: number;
}

const sums: Record<string, Sum> = {};

function kindOf(query: unknown): string {
  const text = typeof query === 'string' ? query : ((query as { text?: string } | undefined)?.text ?? '');
  if (text.startsWith('BEGIN')) return 'begin';
  if (text.startsWith('COMMIT')) return 'commit';
  if (text.startsWith('ROLLBACK')) return 'rollback';
  return 'sql';
}

const original = pg.Client.prototype.query as (...args: unknown[]) => unknown;
(pg.Client.prototype as { query: unknown }).query = function traced(this: pg.Client, ...args: unknown[]): unknown {
  const key = `${(this as unknown as { connectionParameters: { application_name?: string } }).connectionParameters.application_name} ${kindOf(args[0])}`;
  const startedMs = performance.now();
  return whenAnswered(original.apply(this, args), () => {
    const sum = (sums[key] ??= { count: 0, ms: 0 });
    sum.count++;
    sum.ms += performance.now() - startedMs;
  });
};

const file = process.env['BENCH_TRACE_FILE'];
if (file !== undefined) {
  const write = (): void => writeFileSync(file, JSON.stringify(sums));
  process.on('SIGUSR2', write);
  process.on('exit', write);
}
