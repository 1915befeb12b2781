import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition of a run. @throws when it does not come true in time */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`);
    await sleep(50);
  }
}
