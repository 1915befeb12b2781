import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { mutations } from './mutations.ts';
import { type Score, addScore, emptyScore, scoreOf } from './score.ts';

const portion = 25;

interface Order {
  readonly first: number;
  readonly count: number;
}

/**
 * Runs seeds on as many threads as there are processors, in portions that whoever is free takes.
 * @param progress told after each portion
 * @param stop ends the run with the portions under way: what they come to is that of the first seeds, without a gap
 */
export async function runSeeds(
  first: number,
  count: number,
  mutation: string | undefined,
  progress: (score: Score) => void,
  stop: AbortSignal,
  threads = availableParallelism(),
): Promise<Score> {
  const score = emptyScore();
  let next = first;
  const end = first + count;
  const take = (): Order | undefined => {
    if (next >= end || stop.aborted) return undefined;
    const order = { first: next, count: Math.min(portion, end - next) };
    next += order.count;
    return order;
  };
  const one = async (): Promise<void> => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { mutation } });
    try {
      for (let order = take(); order !== undefined; order = take()) {
        const done = once(worker, 'message') as Promise<[Score]>;
        worker.postMessage(order);
        const [part] = await done;
        addScore(score, part);
        progress(score);
      }
    } finally {
      await worker.terminate();
    }
  };
  const crew = Math.max(1, Math.min(threads, Math.ceil(count / portion)));
  await Promise.all(Array.from({ length: crew }, one));
  score.failed.sort((a, b) => a.seed - b.seed);
  return score;
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const { mutation: name } = workerData as { mutation?: string };
  const mutation = mutations.find((one) => one.name === name);
  port.on('message', ({ first, count }: Order) => port.postMessage(scoreOf(first, count, mutation)));
}
