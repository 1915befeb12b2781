import { expect, it } from 'vitest';
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
  // Node fires such a timer at once with a warning; ours waits in steps.
  let fired = false;
  const cancel = systemClock.setTimeout(() => void (fired = true), 3_000_000_000);
  cancel();
  expect(fired).toBe(false);
});
