import { ageWords, type Check, failing, ok, warning } from './doctor-check.ts';
import { type Config, type Db, silentLogger, systemClock, type Tx } from '../platform/index.ts';
import { createIntakeGate, findUnconfirmed, oldestWaiting } from '../queue/index.ts';

/** Deliveries that may go rest so long for a reason that somebody should know. */
const oldestMs = 15 * 60_000;
const mostNamed = 5;
/** How far back the books are compared. */
const comparedMs = 24 * 3_600_000;

/** The doors, who works the lanes, what waits there and for how long. All tenants together; no tenant's data is read. */
export async function examineLanes(engine: Db, config: Config): Promise<Check[]> {
  return [
    await checkDoors(engine, config),
    await engine.engineTx(checkLeases),
    await engine.engineTx(checkOldest),
    await engine.engineTx(checkBreakers),
    await engine.engineTx(checkPeople),
    await engine.engineTx(checkConfirmations),
  ];
}

async function checkDoors(engine: Db, config: Config): Promise<Check> {
  const name = 'doors';
  const limits = { ...config.openMax, freeBytes: 0 };
  const gate = createIntakeGate({ engine, clock: systemClock, log: silentLogger, limits });
  await gate.look();
  const { closed, closedTenants, openDeliveries } = gate.status;
  const open = `${openDeliveries.toLocaleString('en-US')} open deliveries`;
  const fix =
    'see what keeps them (breakers, pauses below); a bound is raised by PUT /v1/intake or openMax of a destination';
  if (closed !== undefined) return failing(name, `closed for everybody: ${closed}`, fix);
  if (closedTenants > 0) return warning(name, `closed for ${closedTenants} tenants; ${open}`, fix);
  return ok(name, `open; ${open}`);
}

async function checkLeases(tx: Tx): Promise<Check> {
  const name = 'lanes';
  const [row] = await tx.query<{ lanes: number; unowned: number; workers: number; expired_ms: number | null }>(
    `SELECT count(*)::integer AS lanes,
       count(*) FILTER (WHERE w.lease_until IS NULL OR w.lease_until < clock_timestamp())::integer AS unowned,
       (SELECT count(*) FROM lane_worker WHERE lease_until >= clock_timestamp())::integer AS workers,
       (SELECT (extract(epoch FROM clock_timestamp() - max(lease_until)) * 1000)::bigint FROM lane_worker) AS expired_ms
     FROM lane AS l LEFT JOIN lane_worker AS w ON w.worker_id = l.owner`,
  );
  if (row === undefined || row.lanes === 0) return ok(name, 'none yet');
  if (row.workers === 0) {
    const since = row.expired_ms === null ? '' : ` for ${ageWords(row.expired_ms)}`;
    return warning(
      name,
      `${row.lanes}, and no worker holds any${since}`,
      'start the hub; CROSSDOCK_ROLES must name worker',
    );
  }
  const detail = `${row.lanes} lanes, ${row.workers} workers with a lease`;
  if (row.unowned === 0) return ok(name, detail);
  return warning(name, `${detail}, ${row.unowned} lanes without a holder`, 'they are taken within seconds; look again');
}

async function checkOldest(tx: Tx): Promise<Check> {
  const name = 'oldest delivery';
  const oldest = await oldestWaiting(tx);
  if (oldest === undefined) return ok(name, 'nothing waits');
  const detail = `waits ${ageWords(oldest.ageMs)} for ${oldest.destination}`;
  if (oldest.ageMs < oldestMs) return ok(name, detail);
  return warning(
    name,
    detail,
    'see the board “Destinations”: a pause, a window, a breaker, or a delivery held in front of it',
  );
}

async function checkBreakers(tx: Tx): Promise<Check> {
  const name = 'breakers';
  const rows = await tx.query<{ destination: string; held: boolean; ms: number; error: string | null }>(
    `SELECT destination, held, (extract(epoch FROM now() - coalesce(opened_at, since)) * 1000)::bigint AS ms,
       coalesce(held_reason, last_error) AS error
     FROM destination_breaker WHERE phase <> 'closed' ORDER BY opened_at`,
  );
  const paused = await tx.query<{ name: string; reason: string | null }>(
    'SELECT name, paused_reason AS reason FROM destination WHERE paused ORDER BY name',
  );
  if (rows.length === 0 && paused.length === 0) return ok(name, 'all closed, nothing paused');
  const words = [
    ...rows.map(
      (row) => `${row.destination} ${row.held ? 'held open' : 'open'} for ${ageWords(row.ms)} (${row.error ?? ''})`,
    ),
    ...paused.map((row) => `${row.name} paused (${row.reason ?? ''})`),
  ];
  const named = words.slice(0, mostNamed).join('; ');
  return warning(
    name,
    words.length > mostNamed ? `${named}; and ${words.length - mostNamed} more` : named,
    'what is down is probed and goes on by itself; what is paused or held open somebody has to resume or reset',
  );
}

/** What waits for a person, and goes on for nobody else. */
async function checkPeople(tx: Tx): Promise<Check> {
  const name = 'for people';
  const rows = await tx.query<{ state: string; n: number }>(
    `SELECT state, count(*)::integer AS n FROM delivery_parked
     WHERE state IN ('dead', 'held') OR (state = 'outcome_unknown' AND due_at IS NULL) GROUP BY state ORDER BY state`,
  );
  if (rows.length === 0) return ok(name, 'no dead letter, nothing held, no outcome unknown');
  const words: Readonly<Record<string, string>> = {
    dead: 'dead letters',
    held: 'held',
    outcome_unknown: 'of unknown outcome',
  };
  const detail = rows.map(({ state, n }) => `${n.toLocaleString('en-US')} ${words[state] ?? state}`).join(', ');
  return warning(name, detail, 'decide them: the board “Exceptions”, or crossdock replay');
}

/** The books against each other: what counts as delivered, and what an outside system has confirmed. */
async function checkConfirmations(tx: Tx): Promise<Check> {
  const name = 'ledger';
  const found = await findUnconfirmed(tx, new Date(systemClock.now().getTime() - comparedMs));
  if (found.length === 0)
    return ok(name, 'what was delivered in the last 24 h has its confirmed attempt, each delivery');
  const words = found.map(
    ({ destination, deliveries, ids }) =>
      `${deliveries.toLocaleString('en-US')} to ${destination} (${ids.join(', ')} …)`,
  );
  return failing(
    name,
    `delivered, and confirmed by no attempt: ${words.slice(0, mostNamed).join('; ')}`,
    'this is a fault of the hub: keep a backup (crossdock backup), see in the other system what is missing there, have it sent again (crossdock replay --dry-run), and report it',
  );
}
