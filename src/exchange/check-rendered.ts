import { type Issue, readSync } from '../edi/index.ts';
import type { Terms } from '../partners/index.ts';
import { HubError } from '../platform/index.ts';

/** Faults named in one refusal. */
const NAMED_MAX = 5;

/**
 * Reads what was written as its receiver will, and refuses to send what we would not take in ourselves: a value that came in
 * too long and was tolerated goes out in every answer.
 * @throws HubError OUTPUT_INVALID with the elements and their values
 */
export function checkRendered(bytes: Uint8Array, terms: Terms): void {
  const faults: { of: string; issue: Issue }[] = [];
  const add = (of: string, issues: readonly Issue[]): void => {
    for (const issue of issues) if (isFault(issue, terms)) faults.push({ of, issue });
  };
  for (const event of readSync(bytes, { keepDocuments: false })) {
    if (event.kind === 'document') add(`${event.document.type} ${event.document.control}`, event.document.issues);
    else if (event.kind === 'group-end') add(`group ${event.group.control}`, event.group.issues);
    else if (event.kind === 'interchange-end') add('interchange', event.interchange.issues);
    else if (event.kind === 'issue') add('interchange', [event.issue]);
  }
  if (faults.length === 0) return;
  const named = faults.slice(0, NAMED_MAX).map(({ of, issue }) => `${of}: ${wordOf(issue)}`);
  const more = faults.length > NAMED_MAX ? ` and ${faults.length - NAMED_MAX} more` : '';
  throw new HubError('OUTPUT_INVALID', {
    message: `${named.join('; ')}${more}`,
    errors: faults.slice(0, NAMED_MAX).map(({ issue }) => ({
      pointer: `/${issue.segmentId ?? ''}/${issue.elementPosition ?? ''}`,
      code: issue.code,
      message: wordOf(issue),
    })),
  });
}

function wordOf({ message, value }: Issue): string {
  return value === undefined || value === '' || message.includes(value) ? message : `${message} ("${value}")`;
}

function isFault({ code, severity, value }: Issue, { agreement, lineCodes }: Terms): boolean {
  if (severity !== 'error' || agreement.toleratedFaults?.includes(code) === true) return false;
  if (code !== 'ELEMENT_BAD_CODE' || value === undefined) return true;
  // Codes that the agreement itself names are what the partner wants, whether we know them or not.
  const { itemQualifiers, orderAcknowledgment, shipNotice, seller, units } = agreement;
  const own = [itemQualifiers, orderAcknowledgment?.codes, units, lineCodes].flatMap((codes) =>
    Object.values(codes ?? {}),
  );
  return ![...own, shipNotice?.structureCode, seller?.qualifier].includes(value);
}
