import type { Tx } from './db.ts';

/** A map that keeps what was asked for last, and at most so many entries. */
export class RecentMap<K, V> {
  readonly #most: number;
  readonly #entries = new Map<K, V>();

  constructor(most: number) {
    this.#most = most;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    // The last in line is the last to go.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#most) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  get size(): number {
    return this.#entries.size;
  }
}

/** Under which a process remembers something of a tenant's row: another database has the same tenants and numbers. */
export function rowKey(tx: Pick<Tx, 'database' | 'tenantId'>, name: string): string {
  return `${tx.database} ${tx.tenantId} ${name}`;
}
