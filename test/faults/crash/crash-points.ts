/**
 * Where the fault suite can end a hub: the moments around every commit, send, acknowledgment and file that matters. They
 * are known by what crosses the process's boundary (statements, requests, answers, renames), so that the product has none
 * of this in it and a new commit of a known kind is covered without anybody's doing.
 */

/** What a transaction did, told by its statements. One that did several things is all of them. */
const commitKinds: readonly { kind: string; statements: RegExp; unless?: RegExp }[] = [
  { kind: 'order-intake', statements: /INSERT INTO sales_order\b/, unless: /queue-complete-flows|queue-settle/ },
  {
    kind: 'message-intake',
    statements: /INSERT INTO message\b/,
    unless: /INSERT INTO sales_order\b|queue-complete|queue-settle|queue-write-intent/,
  },
  { kind: 'fan-out', statements: /INSERT INTO event\b[^]*queue-enqueue|queue-enqueue[^]*INSERT INTO event\b/ },
  { kind: 'intent', statements: /queue-write-intent/ },
  { kind: 'completion', statements: /queue-complete-confirmed/ },
  { kind: 'flow', statements: /queue-complete-flows/ },
  { kind: 'settlement', statements: /queue-settle/, unless: /queue-close-recovered/ },
  { kind: 'lane-claim', statements: /queue-claim-lanes/ },
  { kind: 'lease', statements: /queue-renew-lease/, unless: /queue-claim-lanes/ },
  { kind: 'recovery', statements: /queue-close-recovered/ },
  { kind: 'cursor', statements: /queue-save-cursors/ },
  { kind: 'replay', statements: /UPDATE replay_(plan|item)\b/ },
];

/** Statements of the owner's connection, which commit by themselves. */
export const maintenanceStatement = /ledger_position_partitions|ensure_month_partitions/;

/** Before COMMIT is sent; sent and its answer not read; answered and nobody told yet. */
export const commitMoments = ['before', 'sent', 'after'] as const;
/** Before a byte of the request leaves; the request is out; the reply's head has come. */
export const callMoments = ['before', 'sent', 'reply'] as const;
/** Before the first byte of the answer; the answer is handed over. */
export const answerMoments = ['before', 'after'] as const;

/** Requests to outside systems, by their method. */
export const callKinds = { POST: 'send', PUT: 'send', GET: 'look-up' } as const;

/** Answers of the hub that a client takes for an acknowledgment. */
export const answerKinds: readonly { kind: string; method: string; path: RegExp }[] = [
  { kind: 'order-answer', method: 'POST', path: /^\/v1\/orders$/ },
  { kind: 'webhook-answer', method: 'POST', path: /^\/v1\/webhooks\// },
  { kind: 'import-answer', method: 'POST', path: /^\/v1\/orders\/import$/ },
];

/** Renames, by the folders they lead from and to. */
export const renameKinds: readonly { kind: string; from: RegExp; to: RegExp }[] = [
  { kind: 'file-taken', from: /\/in\/[^/]+$/, to: /\/archive\/[^/]+$/ },
  { kind: 'file-published', from: /\/staging\/[^/]+$/, to: /\/out\/[^/]+$/ },
];

export function commitKindsOf(statements: readonly string[]): string[] {
  const all = statements.join('\n');
  return commitKinds
    .filter(({ statements: wanted, unless }) => wanted.test(all) && !(unless?.test(all) ?? false))
    .map(({ kind }) => kind);
}

/** `kind:moment`, all there are. */
export const crashPoints: readonly string[] = [
  ...commitKinds.flatMap(({ kind }) => commitMoments.map((moment) => `${kind}:${moment}`)),
  ...[...new Set(Object.values(callKinds))].flatMap((kind) => callMoments.map((moment) => `${kind}:${moment}`)),
  ...answerKinds.flatMap(({ kind }) => answerMoments.map((moment) => `${kind}:${moment}`)),
  ...renameKinds.flatMap(({ kind }) => answerMoments.map((moment) => `${kind}:${moment}`)),
  'partitions:before',
  'partitions:after',
];
