import { closed, Code } from '../../model/index.ts';
import { type Budget as QueueBudget, quotaWords } from '../../queue/index.ts';
import { recordAudit } from '../../security/index.ts';
import { defineRoute } from '../define-route.ts';
import { readIfMatch } from '../precondition.ts';
import { Budget, PutBudgetBody } from '../schemas/budgets.ts';
import { page } from '../schemas/conventions.ts';

const tag = 'Destinations';
const NameParams = closed({ name: Code });

function viewOf(budget: QueueBudget): Budget {
  const { destination, settings, version, quota } = budget;
  if (quota === undefined) return { destination, settings, version };
  const { resetsAt, exhaustedAt, ...figures } = quota;
  return {
    destination,
    settings,
    version,
    quota: {
      ...figures,
      resetsAt: resetsAt.toISOString(),
      ...(exhaustedAt === undefined ? {} : { exhaustedAt: exhaustedAt.toISOString() }),
      words: quotaWords(budget) ?? '',
    },
  };
}

export const listBudgets = defineRoute({
  method: 'GET',
  path: '/v1/budgets',
  access: 'destination.read',
  tag,
  summary: 'Every budget that is set, with the forecast of its quota',
  response: page(Budget),
  async handle({ principal }, services) {
    const budgets = await services.db.tx(principal.tenantId, (tx) => services.queue.budgets.list(tx));
    return { body: { data: budgets.map(viewOf) } };
  },
});

export const getBudget = defineRoute({
  method: 'GET',
  path: '/v1/destinations/{name}/budget',
  access: 'destination.read',
  tag,
  summary: 'What a destination may be asked in a while, and what of it is left',
  params: NameParams,
  response: Budget,
  etag: true,
  async handle({ params, principal }, services) {
    const budget = await services.db.tx(principal.tenantId, (tx) => services.queue.budgets.get(tx, params.name));
    return { body: viewOf(budget), version: budget.version };
  },
});

export const putBudget = defineRoute({
  method: 'PUT',
  path: '/v1/destinations/{name}/budget',
  access: 'destination.configure',
  tag,
  summary: 'Set rate, quota, reserves and calls at once of a destination, for all workers together',
  description:
    'What is left out is not bounded. What was used of the quota stays used unless hours or days are counted otherwise.',
  params: NameParams,
  body: PutBudgetBody,
  response: Budget,
  precondition: 'required',
  async handle({ params, body, principal, headers }, services) {
    const { reason, ...settings } = body;
    const budget = await services.db.tx(principal.tenantId, async (tx) => {
      const put = await services.queue.budgets.put(tx, params.name, readIfMatch(headers['if-match']), settings);
      await recordAudit(tx, services.clock, [
        {
          actor: principal.actor,
          action: 'destination.budget',
          subject: { kind: 'destination', id: params.name },
          reason,
          detail: settings,
        },
      ]);
      return put;
    });
    return { body: viewOf(budget), version: budget.version };
  },
});

export const budgetRoutes = [listBudgets, getBudget, putBudget];
