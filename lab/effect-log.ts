import { closeSync, existsSync, fdatasync, mkdirSync, openSync, readFileSync, truncateSync, write } from 'node:fs';
import { dirname } from 'node:path';

/** One thing that a system of the lab did or saw. `kind` is past tense, `key` the natural key it happened under. */
export interface Effect {
  kind: string;
  at: string;
  key?: string;
  [field: string]: unknown;
}

/**
 * An append-only NDJSON file: what tests hold against the hub as the outside truth, and what a system rebuilds its own
 * state from when it starts again. `append` resolves when the effects are on disk; concurrent callers share one sync.
 */
export interface EffectLog {
  append(effects: readonly Effect[]): Promise<void>;
  /** Written along with the next append or within a moment, for what may be lost: calls, deliveries of webhooks. */
  note(effects: readonly Effect[]): void;
  close(): Promise<void>;
}

/** Reads every whole line. A torn last line (the process was killed while writing) was never answered for. */
export function readEffects(path: string): Effect[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Effect);
}

/** @param durable false skips the sync to disk, for benchmarks that measure the hub and not the lab. */
export function openEffectLog(path: string, durable: boolean): EffectLog {
  mkdirSync(dirname(path), { recursive: true });
  dropTornLine(path);
  const file = openSync(path, 'a', 0o600);
  let lines: string[] = [];
  let waiting: { resolve(): void; reject(error: Error): void }[] = [];
  let flushing: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    while (lines.length > 0) {
      const text = lines.join('');
      const batch = waiting;
      lines = [];
      waiting = [];
      try {
        await writeAll(file, text);
        if (durable && batch.length > 0) await sync(file);
        for (const each of batch) each.resolve();
      } catch (error) {
        for (const each of batch) each.reject(error as Error);
      }
    }
    flushing = undefined;
  };
  const add = (effects: readonly Effect[]): void => {
    for (const effect of effects) lines.push(`${JSON.stringify(effect)}\n`);
    flushing ??= Promise.resolve().then(flush);
  };
  return {
    append(effects) {
      const done = new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
      add(effects);
      return done;
    },
    note: add,
    async close() {
      await flushing;
      closeSync(file);
    },
  };
}

function dropTornLine(path: string): void {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end !== bytes.length) truncateSync(path, end);
}

async function writeAll(file: number, text: string): Promise<void> {
  let rest: Buffer = Buffer.from(text);
  while (rest.length > 0) {
    const chunk = rest;
    const written = await new Promise<number>((resolve, reject) =>
      write(file, chunk, 0, chunk.length, null, (error, bytes) => (error ? reject(error) : resolve(bytes))),
    );
    rest = rest.subarray(written);
  }
}

const sync = (file: number): Promise<void> =>
  new Promise((resolve, reject) => fdatasync(file, (error) => (error ? reject(error) : resolve())));
