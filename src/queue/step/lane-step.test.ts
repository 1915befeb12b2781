import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LaneRow, type LaneState, cursorAfter, cursorOf, laneStep, newLane } from './lane-step.ts';

/** A lane, the ledger it works on, and an owner that does what the steps ask for in an arbitrary order. */
class Model {
  /** What is in the ledger by position; the index is the position. */
  readonly rows: { key: string; state: 'queued' | 'parked' | 'blocked' | 'done' }[] = [{ key: '', state: 'done' }];
  readonly delivered: { key: string; position: number }[] = [];
  ready: LaneRow[] = [];
  parking: LaneRow[] = [];
  loading: string[] = [];
  lane: LaneState<LaneRow> = newLane<LaneRow>(1, 0, []);
  readTo = 0;

  apply(input: Parameters<typeof laneStep<LaneRow>>[1]): void {
    const { state, actions } = laneStep(this.lane, input);
    this.lane = state;
    this.ready.push(...actions.ready);
    this.parking.push(...actions.park);
    this.loading.push(...actions.load);
    this.check();
  }

  enqueue(key: string): void {
    this.rows.push({ key, state: 'queued' });
  }

  read(count: number): void {
    const upTo = Math.min(this.rows.length - 1, this.readTo + count);
    const rows: LaneRow[] = [];
    for (let position = this.readTo + 1; position <= upTo; position++) {
      const row = this.rows[position];
      if (row !== undefined) rows.push({ position, key: row.key, parked: false });
    }
    this.readTo = upTo;
    this.apply({ type: 'read', rows, upTo });
  }

  finish(index: number, blocks: boolean): void {
    const [row] = this.ready.splice(index % this.ready.length, 1);
    const stored = row && this.rows[row.position];
    if (row === undefined || stored === undefined) return;
    const closing = new Set(row.parked ? [] : [row.position]);
    const promised = cursorAfter(this.lane, closing);
    stored.state = blocks ? 'blocked' : 'done';
    if (!blocks) this.delivered.push({ key: row.key, position: row.position });
    this.apply(blocks ? { type: 'blocked', row } : { type: 'finished', rows: [row] });
    expect(cursorOf(this.lane)).toBeGreaterThanOrEqual(promised);
  }

  park(count: number): void {
    const rows = this.parking.splice(0, count);
    for (const row of rows) (this.rows[row.position] as { state: string }).state = 'parked';
    if (rows.length > 0) this.apply({ type: 'parked', rows });
  }

  /** Looks into the side table; a blocked head counts as runnable when `due`. */
  load(due: boolean): void {
    const key = this.loading.shift();
    if (key === undefined) return;
    const side = this.sideTable(key);
    const stop = side.findIndex((row) => this.rows[row.position]?.state === 'blocked' && !due);
    const rows = (stop < 0 ? side : side.slice(0, stop)).slice(0, 3);
    this.apply({ type: 'loaded', key, rows, othersRemain: rows.length < side.length });
  }

  sideTable(key: string): LaneRow[] {
    return this.rows.flatMap((row, position) =>
      row.key === key && (row.state === 'parked' || row.state === 'blocked') ? [{ position, key, parked: true }] : [],
    );
  }

  due(): void {
    for (const key of new Set(this.rows.map((row) => row.key))) {
      if (this.rows.some((row) => row.key === key && row.state === 'blocked')) this.apply({ type: 'due', key });
    }
  }

  check(): void {
    const cursor = cursorOf(this.lane);
    // The cursor never passes an open row that is not parked.
    for (let position = 1; position <= cursor; position++) expect(this.rows[position]?.state).not.toBe('queued');
    const heads = this.ready.map((row) => row.key);
    expect(new Set(heads).size).toBe(heads.length);
    expect(this.lane.held).toBeGreaterThanOrEqual(this.ready.length + this.parking.length);
  }
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('enqueue'), n: fc.nat(4) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('read'), n: fc.integer({ min: 1, max: 6 }) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('finish'), n: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('fail'), n: fc.nat(20) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('park'), n: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('load'), n: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('due'), n: fc.constant(0) }) },
  ),
  { maxLength: 150 },
);

function perform(model: Model, step: { do: string; n: number }): void {
  if (step.do === 'enqueue') model.enqueue(`k${step.n}`);
  else if (step.do === 'read') model.read(step.n);
  else if (step.do === 'finish' && model.ready.length > 0) model.finish(step.n, false);
  else if (step.do === 'fail' && model.ready.length > 0) model.finish(step.n, true);
  else if (step.do === 'park') model.park(step.n);
  else if (step.do === 'load') model.load(step.n === 1);
  else if (step.do === 'due') model.due();
}

test('in any order of events: order per key, each row once, and the cursor passes no open row', () => {
  fc.assert(
    fc.property(steps, (script) => {
      const model = new Model();
      for (const step of script) perform(model, step);
      // Faults off: everything drains.
      for (let round = 0; round < 2_000 && model.delivered.length < model.rows.length - 1; round++) {
        model.read(5);
        model.park(10);
        if (model.ready.length > 0) model.finish(round, false);
        if (model.ready.length === 0) model.due();
        while (model.loading.length > 0) model.load(true);
      }
      const positions = model.delivered.map((row) => row.position);
      expect(positions.toSorted((a, b) => a - b)).toEqual(model.rows.slice(1).map((_, index) => index + 1));
      const last = new Map<string, number>();
      for (const { key, position } of model.delivered) {
        expect(position).toBeGreaterThan(last.get(key) ?? 0);
        last.set(key, position);
      }
      while (model.loading.length > 0) model.load(true);
      expect(cursorOf(model.lane)).toBe(model.rows.length - 1);
      expect(model.lane.chains.size).toBe(0);
      expect([model.lane.held, model.lane.blockedKeys]).toEqual([0, 0]);
    }),
    { numRuns: 500 },
  );
});

test('a key that is blocked when the lane is taken over stays blocked until its side table is empty', () => {
  const lane = newLane<LaneRow>(1, 7, ['k']);
  const read = laneStep(lane, {
    type: 'read',
    rows: [
      { position: 8, key: 'k', parked: false },
      { position: 9, key: 'other', parked: false },
    ],
    upTo: 9,
  });
  expect(read.actions.ready.map((row) => row.position)).toEqual([9]);
  expect(read.actions.park.map((row) => row.position)).toEqual([8]);
  expect(cursorOf(lane)).toBe(7);
  laneStep(lane, { type: 'parked', rows: read.actions.park });
  expect(cursorOf(lane)).toBe(8);
});

test('a look into the side table that was taken before a follower was parked does not free its key', () => {
  const row = (position: number, parked: boolean): LaneRow => ({ position, key: 'k', parked });
  const lane = newLane<LaneRow>(1, 7, ['k']);
  expect(laneStep(lane, { type: 'due', key: 'k' }).actions.load).toEqual(['k']);
  const read = laneStep(lane, { type: 'read', rows: [row(8, false)], upTo: 8 });
  laneStep(lane, { type: 'parked', rows: read.actions.park });
  // The look began before the follower was committed: it found nothing.
  const stale = laneStep(lane, { type: 'loaded', key: 'k', rows: [], othersRemain: false });
  expect(stale.actions.load).toEqual(['k']);
  const later = laneStep(lane, { type: 'read', rows: [row(9, false)], upTo: 9 });
  expect([later.actions.ready, later.actions.park.map((one) => one.position)]).toEqual([[], [9]]);
  laneStep(lane, { type: 'loaded', key: 'k', rows: [row(8, true)], othersRemain: false });
});

test('what is read behind rows in memory stays in memory, also when somebody puts an old one of the key back', () => {
  const row = (position: number): LaneRow => ({ position, key: 'k', parked: false });
  const lane = newLane<LaneRow>(1, 1, []);
  expect(laneStep(lane, { type: 'read', rows: [row(2), row(3)], upTo: 3 }).actions.ready).toEqual([row(2)]);
  laneStep(lane, { type: 'due', key: 'k' });
  // In the side table it would lie before the third, for whoever takes the lane over now.
  expect(laneStep(lane, { type: 'read', rows: [row(4)], upTo: 4 }).actions.park).toEqual([]);
  expect(laneStep(lane, { type: 'finished', rows: [row(2)] }).actions.ready).toEqual([row(3)]);
  expect(laneStep(lane, { type: 'finished', rows: [row(3)] }).actions.ready).toEqual([row(4)]);
  expect(laneStep(lane, { type: 'finished', rows: [row(4)] }).actions.load).toEqual(['k']);
  const replayed = { position: 1, key: 'k', parked: true };
  laneStep(lane, { type: 'loaded', key: 'k', rows: [replayed], othersRemain: false });
  expect(laneStep(lane, { type: 'read', rows: [row(5)], upTo: 5 }).actions.park).toEqual([row(5)]);
});
