import { setTimeout as sleep } from 'node:timers/promises';

type Nothing = undefined | false | void;

/**
 * Asks again until `read` answers something other than `undefined` and `false`; what it throws counts as no answer yet.
 * @throws after `limitMs`, with what it saw last
 */
export async function until<T>(
  read: () => T | Nothing | Promise<T | Nothing>,
  limitMs = 10_000,
  { what = read.toString(), everyMs = 5 }: { what?: string; everyMs?: number } = {},
): Promise<Exclude<T, Nothing>> {
  const deadlineMs = performance.now() + limitMs;
  for (;;) {
    let last: unknown;
    try {
      last = await read();
      if (last !== undefined && last !== false) return last as Exclude<T, Nothing>;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadlineMs) {
      const seen = last instanceof Error ? last.message : String(last);
      throw new Error(`Waited ${limitMs} ms for ${what}; last: ${seen}`, { cause: last });
    }
    await sleep(everyMs);
  }
}
