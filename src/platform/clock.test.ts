import { expect, it, vi } from 'vitest';
import { systemClock } from './index.ts';

it('runs a timer once, and a cancelled one never', async () => {
  const seen: string[] = [];
  const cancel = systemClock.setTimeout(() => void seen.push('cancelled'), 5);
  await new Promise<void>((resolve) => {
    systemClock.setTimeout(() => {
      seen.push('ran');
      resolve();
    }, 10);
    cancel();
  });
  expect(seen).toEqual(['ran']);
});

it('takes delays longer than a timer of Node can hold', () => {
  vi.useFakeTimers();
  try {
    // Node would fire such a timer at once, with a warning; ours waits in steps.
    const delayMs = 3_000_000_000;
    let fired = false;
    systemClock.setTimeout(() => void (fired = true), delayMs);
    vi.advanceTimersByTime(delayMs - 1);
    expect(fired).toBe(false);
    vi.advanceTimersByTime(1);
    expect(fired).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});
