import { isDeepStrictEqual } from 'node:util';
import type { PutOptions } from '../model/index.ts';
import { HubError } from '../platform/index.ts';

/** The next version of a record. @throws HubError PRECONDITION_FAILED when If-Match names another than the stored one. */
export function takeVersion(stored: { version: number } | undefined, options: PutOptions): number {
  const version = stored?.version ?? 0;
  if (options.expectedVersion !== undefined && options.expectedVersion !== version) {
    throw new HubError('PRECONDITION_FAILED');
  }
  return version + 1;
}

/** Equal content whatever the order of the fields; jsonb keeps its own. */
export function sameContent(stored: object, given: object): boolean {
  return isDeepStrictEqual(stored, JSON.parse(JSON.stringify(given)));
}
