import { type Static, Type } from 'typebox';
import { closed, Code, Instant, Text } from '../../model/index.ts';

const rate = closed({
  calls: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  perSeconds: Type.Integer({ minimum: 1, maximum: 3_600, description: '1: per second, 60: per minute' }),
  burst: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'at once; default: the calls of one second' }),
  ),
});

const quota = closed({
  calls: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
  per: Type.Union([Type.Literal('hour'), Type.Literal('day')]),
  zone: Type.String({ minLength: 1, maxLength: 60, description: 'IANA time zone in which hours and days are counted' }),
});

const reserve = closed({
  share: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description: '0.2: the last fifth of the quota' }),
  minPriority: Type.Integer({ minimum: 1, maximum: 100 }),
});

/** What is left out is not bounded. All workers share it. */
const settings = {
  rate: Type.Optional(rate),
  quota: Type.Optional(quota),
  reserves: Type.Optional(Type.Array(reserve, { maxItems: 5 })),
  concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: 'calls at once' })),
};

export const BudgetSettings = closed(settings);

export const Budget = closed({
  destination: Code,
  settings: BudgetSettings,
  quota: Type.Optional(
    closed({
      limit: Type.Integer(),
      used: Type.Integer(),
      left: Type.Integer(),
      resetsAt: Instant,
      perHour: Type.Integer({ description: 'calls per hour lately' }),
      waiting: Type.Integer({ description: 'deliveries that wait for a call' }),
      exhaustedAt: Type.Optional(Instant),
      words: Type.String({ description: 'the forecast in a sentence, times in the zone of the quota' }),
    }),
  ),
  version: Type.Integer({ minimum: 0, description: '0 while nobody has set anything' }),
});
export type Budget = Static<typeof Budget>;

/** Needs If-Match; `"0"` where nobody has set anything. */
export const PutBudgetBody = closed({ ...settings, reason: Text });
export type PutBudgetBody = Static<typeof PutBudgetBody>;
