import type { Clock } from './clock.ts';
import { HubError } from './errors.ts';
import type { Logger } from './log.ts';

/** Collects what has to be closed and closes it in reverse order of registration. */
export interface Stopper {
  /** True from the moment a stop was asked for. */
  readonly stopping: boolean;
  /** Aborted when a stop was asked for; hand it to long waits. */
  readonly signal: AbortSignal;
  onStop(name: string, fn: () => Promise<void> | void): void;
  /** Runs every step once; later calls await the same stop. False when a step failed or the time ran out. */
  stop(reason: string): Promise<boolean>;
}

/** @param options.timeoutMs after which remaining steps are no longer awaited; they are still started in order. */
export function createStopper(options: { log: Logger; clock: Clock; timeoutMs: number }): Stopper {
  const steps: { name: string; fn: () => Promise<void> | void }[] = [];
  const abort = new AbortController();
  let running: Promise<boolean> | undefined;

  const run = async (): Promise<boolean> => {
    let clean = true;
    const deadlineMs = options.clock.monotonicMs() + options.timeoutMs;
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      const leftMs = Math.max(deadlineMs - options.clock.monotonicMs(), 1);
      try {
        await within(options.clock, leftMs, step);
      } catch (error) {
        clean = false;
        options.log.error({ err: error, step: step.name }, 'a step of the stop failed');
      }
    }
    return clean;
  };

  return {
    get stopping() {
      return abort.signal.aborted;
    },
    signal: abort.signal,
    onStop: (name, fn) => void steps.push({ name, fn }),
    stop(reason) {
      if (running === undefined) {
        options.log.info({ reason }, 'stopping');
        abort.abort(reason);
        running = run();
      }
      return running;
    },
  };
}

function within(clock: Clock, limitMs: number, step: { name: string; fn: () => Promise<void> | void }): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimeout(
      () => reject(new HubError('TIMEOUT', { message: `${step.name} did not stop within ${Math.round(limitMs)} ms` })),
      limitMs,
    );
    Promise.resolve().then(step.fn).then(resolve, reject).finally(cancel);
  });
}

/**
 * Stops on SIGINT and SIGTERM; a second signal ends the process at once (nothing is lost by that: what was
 * acknowledged is committed). Exits 0 after a clean stop, 1 otherwise.
 */
export function stopOnSignals(stopper: Stopper, proc: NodeJS.Process = process): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    proc.on(signal, () => {
      if (stopper.stopping) proc.exit(130);
      void stopper.stop(signal).then((clean) => proc.exit(clean ? 0 : 1));
    });
  }
}
