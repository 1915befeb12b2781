/** Simulated time: everything happens in the order of its moment, and of its scheduling within one. */
export interface Scheduler {
  readonly nowMs: number;
  /** Runs `fn` after a simulated time. */
  after(delayMs: number, fn: () => void): void;
  /** Starts a task of an actor: it stands still while the actor is frozen, and ends with its death. */
  spawn(actor: Actor, task: Task): void;
  createSignal(): Signal;
  /** Runs everything up to a moment. */
  runUntil(atMs: number): void;
  readonly steps: number;
}

/** A process: it may be stopped (SIGSTOP) and killed. */
export interface Actor {
  readonly name: string;
  alive: boolean;
  frozenUntilMs: number;
}

/** What a task waits for: a time in ms, or a signal. */
export type Wait = number | Signal;
export type Task<T = void> = Generator<Wait, T, void>;

export interface Signal {
  readonly fired: boolean;
  fire(): void;
  reset(): void;
  /** Calls back once fired; at once, when it is. */
  whenFired(fn: () => void): void;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly fn: () => void;
}

export function createScheduler(): Scheduler {
  const heap: Entry[] = [];
  let nowMs = 0;
  let order = 0;
  let steps = 0;

  function after(delayMs: number, fn: () => void): void {
    heap.push({ atMs: nowMs + Math.max(0, delayMs), order: order++, fn });
    siftUp(heap);
  }

  function spawn(actor: Actor, task: Task): void {
    const step = (): void => {
      if (!actor.alive) return;
      if (actor.frozenUntilMs > nowMs) {
        after(actor.frozenUntilMs - nowMs, step);
        return;
      }
      steps++;
      const { done, value } = task.next();
      if (done) return;
      if (typeof value === 'number') after(value, step);
      else value.whenFired(step);
    };
    after(0, step);
  }

  function createSignal(): Signal {
    let fired = false;
    let waiters: (() => void)[] = [];
    return {
      get fired() {
        return fired;
      },
      fire() {
        fired = true;
        for (const waiter of waiters) after(0, waiter);
        waiters = [];
      },
      reset() {
        fired = false;
      },
      whenFired(fn) {
        if (fired) after(0, fn);
        else waiters.push(fn);
      },
    };
  }

  return {
    get nowMs() {
      return nowMs;
    },
    get steps() {
      return steps;
    },
    after,
    spawn,
    createSignal,
    runUntil(atMs) {
      for (let first = heap[0]; first !== undefined && first.atMs <= atMs; first = heap[0]) {
        removeFirst(heap);
        nowMs = first.atMs;
        first.fn();
      }
      nowMs = Math.max(nowMs, atMs);
    },
  };
}

function comesBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function siftUp(heap: Entry[]): void {
  let index = heap.length - 1;
  const entry = heap[index]!;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex]!;
    if (!comesBefore(entry, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = entry;
}

function removeFirst(heap: Entry[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = index * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && comesBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!comesBefore(heap[child]!, last)) break;
    heap[index] = heap[child]!;
    index = child;
  }
  heap[index] = last;
}
