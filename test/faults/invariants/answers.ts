import type { Violation } from './violation.ts';

export interface Asked {
  readonly what: string;
  /** Every answer to the very same request under the very same key, in order. `resource` is the id that it named. */
  readonly answers: readonly { status: number; resource?: string | undefined; body: string }[];
  /** Another body under the same key, once the first had been answered. */
  readonly otherBody?: { status: number; written: boolean } | undefined;
}

/**
 * 4: the same key and body are always answered with the same resource, or 409 while the first is under way; another body
 * is refused with 422 and writes nothing.
 */
export function judgeIdempotency(asked: readonly Asked[]): Violation[] {
  return asked.flatMap(({ what, answers, otherBody }) => {
    const violations: Violation[] = [];
    const resources = new Set(answers.flatMap(({ resource }) => resource ?? []));
    if (resources.size > 1) violations.push(`${what} was answered with ${[...resources].join(', ')}`);
    for (const { status, body } of answers) {
      const definite = status >= 400 && status < 500 && ![409, 429].includes(status);
      if (definite) violations.push(`${what} was answered ${status}: ${body.slice(0, 200)}`);
      if (status === 409 && !body.includes('IDEMPOTENCY_IN_FLIGHT')) {
        violations.push(`${what} was taken for another order: ${body.slice(0, 200)}`);
      }
    }
    if (otherBody !== undefined && otherBody.status !== 422) {
      violations.push(`${what}: another body under its key was answered ${otherBody.status}`);
    }
    if (otherBody?.written === true) violations.push(`${what}: another body under its key was written`);
    return violations;
  });
}

/** Bytes by what they are known under: a hash is enough. */
export interface KeptBytes {
  readonly what: string;
  readonly received: string;
  /** Hash of what is stored; undefined when nothing is. */
  readonly stored: string | undefined;
  /** The hash that was stored beside them. */
  readonly recordedHash: string | undefined;
}

/** 14: what is stored is what came, and says so. */
export function judgeBytes(kept: readonly KeptBytes[]): Violation[] {
  return kept.flatMap(({ what, received, stored, recordedHash }) => {
    if (stored === undefined) return [`${what} was accepted and its bytes are not stored`];
    if (stored !== received) return [`${what} is stored with other bytes than came`];
    return recordedHash === received ? [] : [`${what} is stored under a hash that is not that of its bytes`];
  });
}

/** 14: mapping again with the same version makes the same bytes. Each list: the hashes of every time it was done. */
export function judgeSameOutput(renderings: ReadonlyMap<string, readonly string[]>): Violation[] {
  return [...renderings].flatMap(([what, hashes]) => {
    const different = new Set(hashes).size;
    return different > 1 ? [`${what} was rendered ${hashes.length} times and came out ${different} ways`] : [];
  });
}
