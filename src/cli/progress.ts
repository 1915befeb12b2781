import type { Output } from './output.ts';

/** Progress of long work on standard error: a bar at a terminal, a plain line now and then elsewhere. */
export interface ProgressLine {
  show(done: number, total: number, words: string): void;
  end(): void;
}

const barWidth = 30;
/** In a log a line says something only when time has passed. */
const plainEveryMs = 2_000;

export function createProgressLine(output: Output, terminal = process.stderr.isTTY): ProgressLine {
  let shownAtMs = -Infinity;
  let last = '';
  return {
    show(done, total, words) {
      if (output.json) return;
      const share = total === 0 ? 1 : done / total;
      const percent = `${Math.floor(share * 100)}%`.padStart(4);
      if (terminal) {
        const filled = Math.floor(share * barWidth);
        process.stderr.write(`\r[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]${percent} ${words}\u001b[K`);
        return;
      }
      const line = `${percent} ${words}`;
      const nowMs = performance.now();
      if (line === last || (nowMs - shownAtMs < plainEveryMs && done < total)) return;
      [last, shownAtMs] = [line, nowMs];
      output.say(line);
    },
    end() {
      if (terminal && !output.json) process.stderr.write('\n');
    },
  };
}
