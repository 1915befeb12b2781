import pg from 'pg';
import { databaseTypes } from './db.ts';
import { HubError } from './errors.ts';

/**
 * One connection as the owner of the schema, for what no working role may do (partitions). Waits for locks a few
 * seconds only: the owner's statements must not queue up in front of everybody's.
 * @throws HubError DATABASE_UNAVAILABLE
 */
export async function withOwner<T>(
  ownerUrl: string,
  fn: (query: (text: string, params?: unknown[]) => Promise<Record<string, unknown>[]>) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    application_name: 'crossdock owner',
    types: databaseTypes,
  });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new HubError('DATABASE_UNAVAILABLE', { cause: error });
  }
  try {
    await client.query("SET lock_timeout = '5s'");
    return await fn(async (text, params) => (await client.query(text, params)).rows);
  } finally {
    await client.end();
  }
}
