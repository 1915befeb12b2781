export interface WriteLoop {
  kick(): void;
  readonly idle: boolean;
}

/** Collects and commits until there is nothing to collect; then waits to be kicked. */
export function createWriteLoop<B>(collect: () => B | undefined, commit: (batch: B) => Promise<void>): WriteLoop {
  let running = false;
  let scheduled = false;
  async function run(): Promise<void> {
    running = true;
    try {
      for (let batch = collect(); batch !== undefined; batch = collect()) await commit(batch);
    } finally {
      running = false;
    }
  }
  return {
    kick(): void {
      if (scheduled || running) return;
      scheduled = true;
      // Lets everything join that the present turn of the event loop brings.
      setImmediate(() => {
        scheduled = false;
        if (!running) void run();
      });
    },
    get idle() {
      return !running && !scheduled;
    },
  };
}
