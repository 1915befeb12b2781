import { defaultGap, enterReconciliation } from './enter-reconciliation.ts';
import type { Pools } from './pools.ts';
import {
  advanceMark,
  type Clock,
  type Config,
  judgeMark,
  type Logger,
  noteMark,
  readMark,
  readMarksSeen,
  readServerIdentity,
  type Stopper,
} from '../platform/index.ts';
import { listTenants } from '../security/index.ts';

/** What was done since the last mark is what a restore may take back unnoticed. */
const markEveryMs = 5_000;

export interface MarkParts {
  readonly config: Config;
  readonly pools: Pools;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stopper: Stopper;
  /** Found while the hub works; absent: stops it. */
  readonly onPutBack?: () => void;
}

/**
 * Finds out whether the database was put back to an earlier instant since this data folder last saw it, by whatever means,
 * and has it start paused then; afterwards writes down now and then how far it has come. Before anything else is started.
 */
export async function startMark(parts: MarkParts): Promise<void> {
  const { config, pools, log, stopper } = parts;
  const isEmbedded = config.databaseUrl === undefined;
  const server = await readServerIdentity({ url: pools.serverUrl, isEmbedded });
  const mark = await pools.engine.engineTx(readMark);
  const isUsed = (await listTenants(pools.engine)).length > 0;
  const why = judgeMark(mark, server, readMarksSeen(config.dataDir), isUsed);
  if (why !== undefined) {
    log.error({ why }, 'the database was put back to an earlier instant: the hub starts paused, to be reconciled');
    const reason = `The database was put back: ${why}. Compare with crossdock reconcile first`;
    await enterReconciliation(
      { ownerUrl: pools.ownerUrl, serverUrl: pools.serverUrl, isEmbedded },
      { reason, actor: 'hub', gap: defaultGap, ...(mark === undefined ? {} : { backupTakenAt: mark.markedAt }) },
    );
  } else if (mark !== undefined && mark.timeline !== server.timeline) {
    log.warn(
      { was: mark.timeline, is: server.timeline },
      'the database is on another timeline: after a failover that is as it should be; after a restore to an earlier instant stop the hub and run crossdock reconcile begin',
    );
  }
  let last = await advanceMark(pools.engine, server);
  let isNoted = true;
  /** A full or read-only disk keeps nobody from starting or working; it is said once. */
  async function note(): Promise<void> {
    try {
      await noteMark(config.dataDir, last);
      isNoted = true;
    } catch (error) {
      if (isNoted) log.warn({ err: error }, 'the mark of the database could not be written into the data folder');
      isNoted = false;
    }
  }
  await note();

  async function step(): Promise<void> {
    const next = await advanceMark(pools.engine, server);
    if (next.history !== last.history || next.seq <= last.seq) {
      log.error({ seen: last.seq, found: next.seq }, 'the database was put back while the hub worked on it');
      if (parts.onPutBack === undefined) void stopper.stop('the database was put back');
      else parts.onPutBack();
      return;
    }
    last = next;
    await note();
  }
  repeat(parts, step);
  stopper.onStop('last mark', () => step());
}

function repeat({ clock, log, stopper }: MarkParts, step: () => Promise<void>): void {
  let cancel = (): void => {};
  let running: Promise<void> | undefined;
  const next = (): void => {
    cancel = clock.setTimeout(() => {
      running = step()
        .catch((error: unknown) => log.warn({ err: error }, 'the mark of the database could not be moved on'))
        .finally(() => {
          running = undefined;
          if (!stopper.stopping) next();
        });
    }, markEveryMs);
  };
  next();
  stopper.onStop('marking', async () => {
    cancel();
    await running;
  });
}
