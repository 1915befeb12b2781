import { writeSync } from 'node:fs';
import { crashPoints } from './crash-points.ts';

/** Told of every moment that goes by; ends the process when it is the one. */
export type CrashPlan = (point: string) => void;

/**
 * `point:n`: the process ends itself as kill −9 would when the point is passed for the nth time. Empty: never.
 * @throws when there is no such point, so that a run does not wait for what never comes
 */
export function crashPlan(text: string | undefined): CrashPlan {
  if (text === undefined || text === '') return () => {};
  const at = text.lastIndexOf(':');
  const point = text.slice(0, at);
  let left = Number(text.slice(at + 1));
  if (!crashPoints.includes(point) || !Number.isInteger(left) || left < 1) throw new Error(`no crash point: ${text}`);
  return (passed) => {
    if (passed !== point || --left > 0) return;
    writeSync(2, `crash point ${text}\n`);
    process.kill(process.pid, 'SIGKILL');
    // The signal is on its way; nothing of this process may happen any more.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
}
