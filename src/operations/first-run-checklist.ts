import { listItems, listPriceRules } from '../catalog/index.ts';
import { listPositions, loadLocations } from '../inventory/index.ts';
import { listOrders } from '../orders/index.ts';
import { listAgreements } from '../partners/index.ts';
import { listCustomers } from '../parties/index.ts';
import type { Tx } from '../platform/index.ts';
import type { OperationsServices } from './operations-services.ts';

export interface ChecklistStep {
  id: string;
  title: string;
  how: string;
  done: boolean;
}

/** What an empty hub needs before an order can walk through it, each step ticked by what is there. */
export async function firstRunChecklist(
  tx: Tx,
  services: Pick<OperationsServices, 'connections' | 'connectors'>,
): Promise<{ done: number; steps: ChecklistStep[] }> {
  const one = { limit: 1 };
  const ready = (await services.connections.list(tx)).filter((connection) => hasSecrets(connection, services));
  const ofRole = (role: string) => ready.filter((connection) => connection.role === role);
  const shipped = await listOrders(tx, { milestone: 'shipped' }, one);
  const delivered = await listOrders(tx, { milestone: 'delivered' }, one);
  const locations = [...(await loadLocations(tx)).values()];
  const steps: ChecklistStep[] = [
    step('items', 'Items with their units', 'PUT /v1/items/{sku}, or crossdock apply', (await listItems(tx, one)).rows),
    step('locations', 'Locations that ship', 'PUT /v1/locations/{code}', locations),
    step(
      'customers',
      'Customers and their addresses',
      'PUT /v1/customers/{accountNo}',
      (await listCustomers(tx, one)).rows,
    ),
    step('prices', 'Prices', 'PUT /v1/prices/{id}', (await listPriceRules(tx, one)).rows),
    step('stock', 'Stock', 'PUT /v1/stock-snapshots/{location}', (await listPositions(tx, one)).rows),
    step('erp', 'A connection to the ERP', 'PUT /v1/connections/{id} with role erp and its secrets', ofRole('erp')),
    step('wms', 'A connection to a warehouse', 'PUT /v1/connections/{id} with role wms and its secrets', [
      ...ofRole('wms'),
      ...locations.filter(({ value }) => value.agreement !== undefined),
    ]),
    step('agreement', 'A trading partner by EDI (optional)', 'PUT /v1/agreements/{id}', await listAgreements(tx)),
    step(
      'order',
      'The first order',
      'POST /v1/orders, or a file for the partner’s folder',
      (await listOrders(tx, {}, one)).rows,
    ),
    step('shipped', 'The first shipment', 'comes from the warehouse', [...shipped.rows, ...delivered.rows]),
  ];
  return { done: steps.filter((entry) => entry.done).length, steps };
}

/** Without its secrets a connection is there and nothing can go through it. */
function hasSecrets(
  connection: { type: string; secretNames: readonly string[] },
  { connectors }: Pick<OperationsServices, 'connectors'>,
): boolean {
  const connector = connectors.find(({ type }) => type === connection.type);
  const { required = [] } = (connector?.secrets ?? {}) as { required?: readonly string[] };
  return required.every((name) => connection.secretNames.includes(name));
}

function step(id: string, title: string, how: string, rows: readonly unknown[]): ChecklistStep {
  return { id, title, how, done: rows.length > 0 };
}
