/**
 * The owner of one lane, as a pure step: what it was told in, what to do next out. It holds one bounded chain per key
 * and lets each key's head go alone; behind a blocked head the followers are parked, so that the cursor may pass them.
 *
 * The state handed in is used up: the step changes it in place and hands it back. Copying chains of thousands of keys
 * for each of 100,000 deliveries a second would cost more than the deliveries; nothing else here depends on it.
 */

/** What the lane needs to know of a delivery. */
export interface LaneRow {
  readonly position: number;
  readonly key: string;
  /** True for a row that came from the side table of parked ones. */
  readonly parked: boolean;
}

interface Chain<R> {
  /** The head is being worked. */
  running: boolean;
  /** It was read from the lane, not loaded from the side table: so is what waits behind it. */
  fresh: boolean;
  /** Rows behind the head; taken from `next` on. */
  waiting: R[];
  next: number;
  /** A head of this key is parked: its followers go to the side table until that is empty for the key. */
  blocked: boolean;
  /** Rows of this key on their way to the side table. */
  parking: number;
  /** A look into the side table is under way. */
  loading: boolean;
  /** Look into the side table (again) as soon as nothing is on its way there. */
  wantsLoad: boolean;
}

export interface LaneState<R extends LaneRow> {
  readonly laneId: number;
  /** Everything up to here has been read. */
  readPosition: number;
  readonly chains: Map<string, Chain<R>>;
  /** Positions read and neither final nor parked, ascending; the part before `openHead` is done with. */
  open: number[];
  openHead: number;
  /** Positions of `open` that are closed although one before them is not. */
  readonly closed: Set<number>;
  /** Rows in memory: waiting, being worked, or on their way to the side table. */
  held: number;
  blockedKeys: number;
}

export type LaneInput<R extends LaneRow> =
  /** New rows in order of position; the lane is now read up to `upTo`. */
  | { type: 'read'; rows: readonly R[]; upTo: number }
  /** Rows that were being worked are final: delivered or discarded. */
  | { type: 'finished'; rows: readonly R[] }
  /** A row that was being worked has been parked as the blocked head of its key. */
  | { type: 'blocked'; row: R }
  /** Followers have been committed to the side table. */
  | { type: 'parked'; rows: readonly R[] }
  /** Rows that `supersede` has taken out from behind a head are final. */
  | { type: 'superseded'; rows: readonly R[] }
  /** A parked row of the key may be worked again, or was decided by hand. */
  | { type: 'due'; key: string }
  /** The head of what the side table holds for the key: rows that may be worked now, and whether others remain. */
  | { type: 'loaded'; key: string; rows: readonly R[]; othersRemain: boolean };

export interface LaneActions<R extends LaneRow> {
  /** Heads to work now. */
  ready: R[];
  /** Followers to write to the side table; answer with `parked` once that is committed. */
  park: R[];
  /** Keys to look up in the side table; answer each with `loaded`. */
  load: string[];
}

/** @param blockedKeys keys with rows in the side table when the lane was taken over */
export function newLane<R extends LaneRow>(
  laneId: number,
  cursor: number,
  blockedKeys: readonly string[],
): LaneState<R> {
  const state: LaneState<R> = {
    laneId,
    readPosition: cursor,
    chains: new Map(),
    open: [],
    openHead: 0,
    closed: new Set(),
    held: 0,
    blockedKeys: blockedKeys.length,
  };
  for (const key of blockedKeys) state.chains.set(key, newChain(true));
  return state;
}

function newChain<R>(blocked: boolean): Chain<R> {
  return { running: false, fresh: false, waiting: [], next: 0, blocked, parking: 0, loading: false, wantsLoad: false };
}

export function laneStep<R extends LaneRow>(
  state: LaneState<R>,
  input: LaneInput<R>,
): { state: LaneState<R>; actions: LaneActions<R> } {
  const actions: LaneActions<R> = { ready: [], park: [], load: [] };
  switch (input.type) {
    case 'read':
      for (const row of input.rows) takeIn(state, row, actions);
      state.readPosition = Math.max(state.readPosition, input.upTo);
      break;
    case 'finished':
      for (const row of input.rows) finish(state, row, actions);
      break;
    case 'blocked':
      block(state, input.row, actions);
      break;
    case 'parked':
      for (const row of input.rows) settleParked(state, row, actions);
      break;
    case 'superseded':
      for (const row of input.rows) {
        state.held--;
        if (!row.parked) close(state, row.position);
      }
      break;
    case 'due':
      wantLoad(state, input.key, actions);
      break;
    case 'loaded':
      takeLoaded(state, input, actions);
      break;
  }
  return { state, actions };
}

/** The highest position up to which every row of the lane is final or parked: what may be persisted as its cursor. */
export function cursorOf<R extends LaneRow>(state: LaneState<R>): number {
  const first = state.open[state.openHead];
  return first === undefined ? state.readPosition : first - 1;
}

/** What the cursor will be once `closing` are final or parked too: what may be written in the transaction that makes them so. */
export function cursorAfter<R extends LaneRow>(state: LaneState<R>, closing: ReadonlySet<number>): number {
  for (let index = state.openHead; ; index++) {
    const position = state.open[index];
    if (position === undefined) return state.readPosition;
    if (!closing.has(position) && !state.closed.has(position)) return position - 1;
  }
}

function takeIn<R extends LaneRow>(state: LaneState<R>, row: R, actions: LaneActions<R>): void {
  let chain = state.chains.get(row.key);
  state.open.push(row.position);
  state.held++;
  if (chain === undefined) {
    chain = newChain(false);
    chain.running = chain.fresh = true;
    state.chains.set(row.key, chain);
    actions.ready.push(row);
  } else if (chain.blocked && !(chain.running && chain.fresh)) {
    chain.parking++;
    actions.park.push(row);
  } else {
    // Also of a key that is blocked by what was put back by hand: nothing may lie in the side table that has to go after
    // what is in memory alone, or whoever takes the lane over would let it go first.
    chain.waiting.push(row);
  }
}

function finish<R extends LaneRow>(state: LaneState<R>, row: R, actions: LaneActions<R>): void {
  const chain = state.chains.get(row.key);
  state.held--;
  if (!row.parked) close(state, row.position);
  if (chain === undefined) return;
  chain.running = false;
  const next = chain.waiting[chain.next];
  if (next !== undefined) {
    chain.next++;
    chain.running = true;
    actions.ready.push(next);
    if (chain.next === chain.waiting.length) {
      chain.waiting = [];
      chain.next = 0;
    }
  } else if (chain.blocked) {
    wantLoad(state, row.key, actions);
  } else {
    state.chains.delete(row.key);
  }
}

function block<R extends LaneRow>(state: LaneState<R>, row: R, actions: LaneActions<R>): void {
  const chain = state.chains.get(row.key);
  state.held--;
  if (!row.parked) close(state, row.position);
  if (chain === undefined) return;
  chain.running = false;
  if (!chain.blocked) {
    chain.blocked = true;
    state.blockedKeys++;
  }
  const waiting = chain.waiting.slice(chain.next);
  chain.waiting = [];
  chain.next = 0;
  for (const follower of waiting) {
    // What came from the side table is still there.
    if (follower.parked) {
      state.held--;
    } else {
      chain.parking++;
      actions.park.push(follower);
    }
  }
  if (chain.wantsLoad) wantLoad(state, row.key, actions);
}

function settleParked<R extends LaneRow>(state: LaneState<R>, row: R, actions: LaneActions<R>): void {
  const chain = state.chains.get(row.key);
  state.held--;
  close(state, row.position);
  if (chain === undefined) return;
  chain.parking--;
  // A look that is under way may have been taken before this was committed, and not have seen it.
  if (chain.wantsLoad || chain.loading) wantLoad(state, row.key, actions);
}

/** Looks into the side table for a key, once nothing of it is being worked, looked up, or on its way there. */
function wantLoad<R extends LaneRow>(state: LaneState<R>, key: string, actions: LaneActions<R>): void {
  let chain = state.chains.get(key);
  if (chain === undefined) {
    chain = newChain(true);
    state.chains.set(key, chain);
    state.blockedKeys++;
  }
  if (!chain.blocked) {
    // Put back by hand (the replay of a delivered one) while later rows of the key are in memory: these go first.
    chain.blocked = true;
    state.blockedKeys++;
  }
  if (chain.running || chain.loading || chain.parking > 0 || chain.next < chain.waiting.length) {
    chain.wantsLoad = true;
    return;
  }
  chain.wantsLoad = false;
  chain.loading = true;
  actions.load.push(key);
}

function takeLoaded<R extends LaneRow>(
  state: LaneState<R>,
  input: { key: string; rows: readonly R[]; othersRemain: boolean },
  actions: LaneActions<R>,
): void {
  const chain = state.chains.get(input.key);
  if (chain === undefined || !chain.loading) return;
  chain.loading = false;
  const [head, ...rest] = input.rows;
  if (head !== undefined) {
    state.held += input.rows.length;
    chain.running = true;
    chain.fresh = false;
    chain.waiting = rest;
    chain.next = 0;
    actions.ready.push(head);
  } else if (input.othersRemain) {
    if (chain.wantsLoad) wantLoad(state, input.key, actions);
  } else if (chain.parking > 0 || chain.wantsLoad) {
    wantLoad(state, input.key, actions);
  } else {
    // The side table holds nothing more of this key, and nothing is on its way there.
    state.chains.delete(input.key);
    state.blockedKeys--;
  }
}

function close<R extends LaneRow>(state: LaneState<R>, position: number): void {
  if (state.open[state.openHead] !== position) {
    state.closed.add(position);
    return;
  }
  state.openHead++;
  for (let next = state.open[state.openHead]; next !== undefined && state.closed.delete(next); ) {
    next = state.open[++state.openHead];
  }
  if (state.openHead > 1024 && state.openHead * 2 > state.open.length) {
    state.open = state.open.slice(state.openHead);
    state.openHead = 0;
  }
}
