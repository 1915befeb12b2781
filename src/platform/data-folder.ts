import { mkdirSync } from 'node:fs';

/** When root runs the hub, PostgreSQL works as another user and has to get through; it need not see what lies there. */
const isRoot = process.getuid?.() === 0;

/** What others may do in a data folder at most. */
export const othersInDataFolder = isRoot ? 0o001 : 0;

/**
 * Makes the data folder when it is not there: it holds keys, orders and the database. One that is there stays as its operator
 * set it up, who may have let a file server's group in; `crossdock doctor` tells of one that is open to everybody.
 */
export function makeDataFolder(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
}
