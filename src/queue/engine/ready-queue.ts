/** Heads that may go now: higher priority first, first come first served within one. */
export interface ReadyQueue<T> {
  push(item: T): void;
  /** In front of everything of its priority: for what was taken and could not be worked. */
  putBack(items: readonly T[]): void;
  /** @param minPriority leave what is below it */
  take(max: number, minPriority?: number): T[];
  /** How many there are of each priority, highest first. */
  counts(): [priority: number, count: number][];
  readonly size: number;
}

export function createReadyQueue<T>(priorityOf: (item: T) => number): ReadyQueue<T> {
  // Few priorities are in use at once, so that a sorted list of buckets is enough.
  const buckets: { priority: number; items: T[]; head: number }[] = [];
  let size = 0;

  function bucketOf(priority: number) {
    let index = 0;
    for (; index < buckets.length; index++) {
      const bucket = buckets[index];
      if (bucket === undefined || bucket.priority < priority) break;
      if (bucket.priority === priority) return bucket;
    }
    const made = { priority, items: [] as T[], head: 0 };
    buckets.splice(index, 0, made);
    return made;
  }

  return {
    push(item) {
      bucketOf(priorityOf(item)).items.push(item);
      size++;
    },
    putBack(items) {
      for (const item of items.toReversed()) {
        const bucket = bucketOf(priorityOf(item));
        if (bucket.head > 0) bucket.items[--bucket.head] = item;
        else bucket.items.unshift(item);
        size++;
      }
    },
    take(max, minPriority = Number.NEGATIVE_INFINITY) {
      const taken: T[] = [];
      for (const bucket of buckets) {
        if (taken.length >= max || bucket.priority < minPriority) break;
        const end = Math.min(bucket.items.length, bucket.head + max - taken.length);
        for (; bucket.head < end; bucket.head++) taken.push(bucket.items[bucket.head] as T);
        if (bucket.head === bucket.items.length) {
          bucket.items = [];
          bucket.head = 0;
        }
      }
      size -= taken.length;
      return taken;
    },
    counts: () => buckets.map(({ priority, items, head }) => [priority, items.length - head]),
    get size() {
      return size;
    },
  };
}
