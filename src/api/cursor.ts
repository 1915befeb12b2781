import { HubError, isStorableText, isUuid } from '../platform/index.ts';
import { defaultPageSize } from './schemas/conventions.ts';

/** Wraps the position a room understands, so that clients do not come to rely on its shape. */
export function encodeCursor(list: string, position: string): string {
  return Buffer.from(JSON.stringify([list, position]), 'utf8').toString('base64url');
}

/** What the positions of a list look like; what does not is not the hub's own. */
export type PositionShape = 'uuid' | 'number' | 'text' | ((position: string) => boolean);

/**
 * @param list names the list, so that a cursor of one list is refused by another.
 * @throws HubError INVALID_CURSOR
 */
export function decodeCursor(list: string, cursor: string, shape: PositionShape): string {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parsed) && parsed.length === 2 && parsed[0] === list && typeof parsed[1] === 'string') {
      if (fits(parsed[1], shape)) return parsed[1];
    }
  } catch {
    // Not one of ours; said below.
  }
  throw new HubError('INVALID_CURSOR');
}

function fits(position: string, shape: PositionShape): boolean {
  if (!isStorableText(position)) return false;
  if (typeof shape === 'function') return shape(position);
  if (shape === 'uuid') return isUuid(position);
  return shape === 'text' || /^\d{1,15}$/.test(position);
}

/** A position that is several values, as `JSON.stringify` wrote them. */
export function isTuple(length: number): (position: string) => boolean {
  return (position) => {
    const values: unknown = JSON.parse(position);
    if (!Array.isArray(values) || values.length !== length) return false;
    return values.every((value) => typeof value === 'string' && isStorableText(value));
  };
}

export interface PageQuery {
  limit?: number | undefined;
  after?: string | undefined;
}

/** `limit` with its default and the decoded position of `after`. */
export function readPage(list: string, query: PageQuery, shape: PositionShape): { limit: number; after?: string } {
  const limit = query.limit ?? defaultPageSize;
  return query.after === undefined ? { limit } : { limit, after: decodeCursor(list, query.after, shape) };
}

/** A page from the rows of a room and the position after the last one. */
export function pageOf<T>(list: string, data: T[], next: string | undefined): { data: T[]; nextCursor?: string } {
  return next === undefined ? { data } : { data, nextCursor: encodeCursor(list, next) };
}
