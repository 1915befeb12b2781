import { HubError } from '../platform/index.ts';
import { defaultPageSize } from './schemas/conventions.ts';

/** Wraps the position a room understands, so that clients do not come to rely on its shape. */
export function encodeCursor(list: string, position: string): string {
  return Buffer.from(JSON.stringify([list, position]), 'utf8').toString('base64url');
}

/**
 * @param list names the list, so that a cursor of one list is refused by another.
 * @throws HubError INVALID_CURSOR
 */
export function decodeCursor(list: string, cursor: string): string {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parsed) && parsed.length === 2 && parsed[0] === list && typeof parsed[1] === 'string') {
      return parsed[1];
    }
  } catch {
    // Not one of ours; said below.
  }
  throw new HubError('INVALID_CURSOR');
}

export interface PageQuery {
  limit?: number | undefined;
  after?: string | undefined;
}

/** `limit` with its default and the decoded position of `after`. */
export function readPage(list: string, query: PageQuery): { limit: number; after?: string } {
  const limit = query.limit ?? defaultPageSize;
  return query.after === undefined ? { limit } : { limit, after: decodeCursor(list, query.after) };
}

/** A page from the rows of a room and the position after the last one. */
export function pageOf<T>(list: string, data: T[], next: string | undefined): { data: T[]; nextCursor?: string } {
  return next === undefined ? { data } : { data, nextCursor: encodeCursor(list, next) };
}
