import pg from 'pg';
import { HubError } from './errors.ts';

/** Milliseconds since 1970, as `ms`. */
export const serverClockSql = 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms';

/**
 * How far the database server's clock is ahead of ours, in milliseconds; half a round trip is the error.
 * @throws HubError DATABASE_UNAVAILABLE
 */
export async function readServerClockSkewMs(url: string): Promise<number> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'crossdock check',
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const sentMs = Date.now();
    const result = await client.query<{ ms: number }>(serverClockSql);
    return result.rows[0]!.ms - (sentMs + Date.now()) / 2;
  } catch (error) {
    throw new HubError('DATABASE_UNAVAILABLE', { cause: error });
  } finally {
    await client.end().catch(() => {});
  }
}
