import pg from 'pg';
import { HubError } from './errors.ts';

/** The SQLSTATE of a PostgreSQL error, also when it is the cause of a HubError. */
export function sqlState(error: unknown): string | undefined {
  // Codes of the operating system (EPIPE) look alike, so the class decides.
  if (error instanceof pg.DatabaseError) return error.code;
  return error instanceof HubError && error.cause !== undefined ? sqlState(error.cause) : undefined;
}

/** True for a unique violation (23505), with `constraint` only of that index or constraint. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlState(error) !== '23505') return false;
  return constraint === undefined || (error as pg.DatabaseError).constraint === constraint;
}

// Class 08 connection (08P01 is a mistake of ours in the protocol, e.g. a missing parameter, and stays one), 57P0x shutdown and crash, 53300 too many connections, 25P03 idle in transaction.
const connectionStates = /^(08(?!P01)|57P0[1-5]$|53300$|25P03$)/;
// 53100 disk full, 53200 out of memory: nothing is wrong with the statement, and it succeeds once there is room again.
const noRoomStates = new Set(['53100', '53200']);
// 40001 serialization, 40P01 deadlock, 55P03 lock not available.
const conflictStates = new Set(['40001', '40P01', '55P03']);

export function isConnectionError(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return connectionStates.test(state);
  if (!(error instanceof Error) || error instanceof HubError) return false;
  const systemCode = (error as NodeJS.ErrnoException).code;
  if (systemCode !== undefined && /^E[A-Z]+$/.test(systemCode) && (error as NodeJS.ErrnoException).syscall) return true;
  // node-postgres reports a lost socket and a full pool with these texts and no code.
  return /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|timeout expired|Query read timeout)/.test(
    error.message,
  );
}

/** Transient database errors become HubErrors that retry; all others (constraints, syntax) stay as they are. */
export function translate(error: unknown, connecting = false): unknown {
  if (error instanceof HubError) return error;
  const state = sqlState(error);
  if (state !== undefined && conflictStates.has(state)) return new HubError('DATABASE_CONFLICT', { cause: error });
  if (state !== undefined && noRoomStates.has(state)) return new HubError('DATABASE_UNAVAILABLE', { cause: error });
  // Authentication (class 28) and missing database (3D000) stay visible: they want an operator, not a retry.
  if (connecting && state !== undefined && !connectionStates.test(state)) return error;
  return connecting || isConnectionError(error) ? new HubError('DATABASE_UNAVAILABLE', { cause: error }) : error;
}
