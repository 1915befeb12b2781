import { until } from '../../harness/until.ts';
import type { Queue } from '../../../src/queue/index.ts';
import type { TestDatabase } from '../../harness/index.ts';
import type { Invariant, Violation } from '../invariants/violation.ts';

import type { Alter } from './altered-db.ts';

/** A bug that somebody could write: in a statement, or in what a deliverer says. */
export interface Bug {
  readonly name: string;
  readonly what: string;
  readonly alter?: Alter;
  /** For what is no statement; the scenario knows what to do about it. */
  readonly planted?: string;
}

/**
 * A situation that the product is made for, played on the real engine and a real PostgreSQL; and the bug under which the
 * checker of the invariant must find something. Without the bug it must find nothing.
 */
export interface Scenario {
  readonly invariant: Invariant;
  readonly bug: Bug;
  play(db: TestDatabase, bug: Bug | undefined, run: (queue: Queue) => Queue): Promise<Violation[]>;
}

/** Waits for what only happens with the bug: as long as a slow machine needs for it, and briefly where it must not come. */
export async function untilBugShows(
  bug: Bug | undefined,
  shows: () => boolean | Promise<boolean>,
  withoutMs: number,
): Promise<void> {
  await until(shows, bug === undefined ? withoutMs : 10_000).catch(() => {});
}
