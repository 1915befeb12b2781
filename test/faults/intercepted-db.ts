import type { CommittableTx, Db, Sql, Statement, Tx } from '../../src/platform/index.ts';

/** What happens instead of a transaction's own calls. */
export interface Intercept {
  query<R>(tx: Tx, sql: Sql, params: readonly unknown[]): Promise<R[]>;
  commitWith?(tx: CommittableTx, statements: readonly Statement[]): Promise<unknown[][]>;
}

/** A database connection whose transactions are listened to, or told something else. */
export function interceptedDb(db: Db, { query, commitWith }: Intercept): Db {
  const intercepted = <T extends Tx>(tx: T): T =>
    new Proxy(tx, {
      get(target, property) {
        if (property === 'query') return (sql: Sql, params: readonly unknown[] = []) => query(target, sql, params);
        if (property === 'commitWith' && commitWith !== undefined) {
          return (statements: readonly Statement[]) => commitWith(target as unknown as CommittableTx, statements);
        }
        const value: unknown = Reflect.get(target, property);
        return typeof value === 'function' ? value.bind(target) : value;
      },
      set: (target, property, value) => Reflect.set(target, property, value),
    });
  return {
    tx: (tenantId, fn) => db.tx(tenantId, (tx) => fn(intercepted(tx))),
    engineTx: (fn) => db.engineTx((tx) => fn(intercepted(tx))),
    setTenant: (tx, tenantId) => db.setTenant(tx, tenantId),
    query: (tenantId, sql, params) => db.query(tenantId, sql, params),
    close: () => db.close(),
    get stats() {
      return db.stats;
    },
  };
}
