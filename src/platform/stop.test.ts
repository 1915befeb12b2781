import { expect, it } from 'vitest';
import { manualClock } from '../../test/harness/index.ts';
import { createStopper, silentLogger } from './index.ts';

const start = '2026-06-01T13:00:00Z';

it('stops in reverse order, once, and goes on after a failed step', async () => {
  const stopper = createStopper({ log: silentLogger, clock: manualClock(start), timeoutMs: 1000 });
  const seen: string[] = [];
  stopper.onStop('database', () => void seen.push('database'));
  stopper.onStop('queue', () => Promise.reject(new Error('stuck')));
  stopper.onStop('http', () => void seen.push('http'));
  expect(stopper.stopping).toBe(false);
  const results = await Promise.all([stopper.stop('a'), stopper.stop('b')]);
  expect(seen).toEqual(['http', 'database']);
  expect(results).toEqual([false, false]);
  expect(stopper.signal.aborted).toBe(true);
});

it('leaves a step that hangs behind when its time is up', async () => {
  const clock = manualClock(start);
  const stopper = createStopper({ log: silentLogger, clock, timeoutMs: 1000 });
  let closed = false;
  stopper.onStop('database', () => void (closed = true));
  stopper.onStop('http', () => new Promise<void>(() => {}));
  const stopped = stopper.stop('test');
  clock.advance(1000);
  expect(await stopped).toBe(false);
  expect(closed).toBe(true);
});
