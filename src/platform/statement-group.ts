import type { Statement, Tx } from './db.ts';

/** Statements that do not wait for each other, and what their answers come to. */
export interface StatementGroup<T> {
  readonly statements: readonly Statement[];
  /** Takes the rows of each statement, in the order above. */
  read(answers: readonly unknown[][]): T;
}

/** Sends the statements of a group together. */
export async function runGroup<T>(tx: Tx, group: StatementGroup<T>): Promise<T> {
  return group.read(await Promise.all(group.statements.map(({ sql, params }) => tx.query<unknown>(sql, params))));
}

/** Several groups as one. */
export function joined<T extends readonly StatementGroup<unknown>[]>(
  ...groups: T
): StatementGroup<{ [K in keyof T]: T[K] extends StatementGroup<infer R> ? R : never }> {
  return {
    statements: groups.flatMap((group) => group.statements),
    read(answers) {
      let at = 0;
      const read = groups.map((group) => group.read(answers.slice(at, (at += group.statements.length))));
      return read as { [K in keyof T]: T[K] extends StatementGroup<infer R> ? R : never };
    },
  };
}
