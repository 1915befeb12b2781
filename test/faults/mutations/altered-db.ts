import type { Db, Statement } from '../../../src/platform/index.ts';
import { interceptedDb } from '../intercepted-db.ts';

/** A statement on its way to the database, as a planted bug sees it. */
export interface SaidStatement {
  readonly name: string;
  readonly text: string;
  readonly params: readonly unknown[];
}

/** What a bug makes of a statement; undefined leaves it as it is. */
export type Alter = (statement: SaidStatement) => { text?: string; params?: readonly unknown[] } | undefined;

/** A database connection on which a bug changes what the product says. */
export function alteredDb(db: Db, alter: Alter | undefined): Db {
  if (alter === undefined) return db;
  const changed = ({ sql, params }: Statement): Statement => {
    const { name, text } = typeof sql === 'string' ? { name: '', text: sql } : sql;
    const altered = alter({ name, text, params });
    // Without its name: a connection may know the statement under it, with its proper text.
    return altered === undefined ? { sql, params } : { sql: altered.text ?? text, params: altered.params ?? params };
  };
  return interceptedDb(db, {
    query(tx, said, args) {
      const { sql, params } = changed({ sql: said, params: args });
      return tx.query(sql, params);
    },
    commitWith: (tx, statements) => tx.commitWith(statements.map(changed)),
  });
}

/** Replaces a piece of every statement that has it. @throws when nothing of the kind is ever said: see `told` */
export function replacing(name: string | RegExp, from: string | RegExp, to: string): Alter & { readonly told: number } {
  let told = 0;
  const alter: Alter = (statement) => {
    if (typeof name === 'string' ? statement.name !== name : !name.test(`${statement.name} ${statement.text}`)) {
      return undefined;
    }
    const text = statement.text.replaceAll(typeof from === 'string' ? from : new RegExp(from, 'g'), to);
    if (text === statement.text) return undefined;
    told++;
    return { text };
  };
  return Object.defineProperty(alter, 'told', { get: () => told }) as Alter & { readonly told: number };
}
