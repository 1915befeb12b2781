import { HubError } from '../platform/index.ts';

export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The version that If-Match names; `'*'` stands for any.
 * @throws HubError PRECONDITION_REQUIRED when absent, PRECONDITION_FAILED for what can never match (weak or foreign tags).
 */
export function readIfMatch(header: string | undefined): number | '*' {
  if (header === undefined) throw new HubError('PRECONDITION_REQUIRED');
  if (header.trim() === '*') return '*';
  const match = /^\s*"(\d{1,9})"\s*$/.exec(header);
  if (match === null) throw new HubError('PRECONDITION_FAILED');
  return Number(match[1]);
}

/**
 * What a PUT of configuration expects to find: a version, any (`*`), or, without If-Match, that nothing is there yet.
 * @returns the version; 0: must not exist; undefined: any.
 */
export function readPutPrecondition(headers: {
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
}): number | undefined {
  if (headers.ifMatch === undefined) {
    if (headers.ifNoneMatch !== undefined && headers.ifNoneMatch.trim() !== '*')
      throw new HubError('PRECONDITION_FAILED');
    return 0;
  }
  const version = readIfMatch(headers.ifMatch);
  return version === '*' ? undefined : version;
}
