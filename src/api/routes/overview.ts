import { controlTower, firstRunChecklist, searchEverything } from '../../operations/index.ts';
import { defineRoute } from '../define-route.ts';
import { Checklist, ControlTower, SearchQuery, SearchResult } from '../schemas/overview.ts';

const tag = 'Overview';

export const getControlTower = defineRoute({
  method: 'GET',
  path: '/v1/control-tower',
  access: 'overview.read',
  tag,
  summary: 'Backlog by milestone, what is at risk, throughput, exceptions, destinations',
  response: ControlTower,
  async handle({ principal }, services) {
    return { body: await services.db.tx(principal.tenantId, (tx) => controlTower(tx, services)) };
  },
});

export const search = defineRoute({
  method: 'GET',
  path: '/v1/search',
  access: 'overview.read',
  tag,
  summary: 'Find by any identifier',
  description:
    'PO, order number, ERP number, SSCC, tracking number, shipment, invoice, ISA and ST control numbers, SKU, GTIN, customer, or any id of the hub.',
  query: SearchQuery,
  response: SearchResult,
  async handle({ query, principal }, services) {
    const text = query.q.trim();
    const hits = await services.db.tx(principal.tenantId, (tx) =>
      searchEverything(tx, services, text, query.limit ?? 20),
    );
    return { body: { query: text, hits } };
  },
});

export const getChecklist = defineRoute({
  method: 'GET',
  path: '/v1/checklist',
  access: 'overview.read',
  tag,
  summary: 'What an empty hub still needs; steps tick themselves',
  response: Checklist,
  async handle({ principal }, services) {
    return { body: await services.db.tx(principal.tenantId, (tx) => firstRunChecklist(tx, services)) };
  },
});

export const overviewRoutes = [getControlTower, search, getChecklist];
