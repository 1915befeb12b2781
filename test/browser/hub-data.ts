import type { BrowserHub } from './harness.ts';

export interface Listed<T> {
  data: T[];
}
export interface Order {
  id: string;
  orderNo: string;
  channel: string;
  customerPo: string;
  sourceMessageId: string;
  status: { milestone: string; onHold: boolean; invoice: string };
}
export interface Exception {
  id: string;
  code: string;
  state: string;
  orderId: string;
  title: string;
}
export interface Delivery {
  operation: string;
  id: string;
  state: string;
}

/** The newest invoiced order that came by EDI: it has been through every system. */
export async function walkedOrder(hub: BrowserHub): Promise<Order> {
  return hub.until(
    'an EDI order has been invoiced',
    async () => {
      const { data } = await hub.api<Listed<Order>>('GET', '/v1/orders?channel=edi&limit=200');
      const found = data.find((order) => order.status.invoice === 'invoiced');
      return found && hub.api<Order>('GET', `/v1/orders/${found.id}`);
    },
    120_000,
  );
}

/** Waits for an open exception of this code: the demo plays its planned ones in the first minutes. */
export async function openException(hub: BrowserHub, code: string): Promise<Exception> {
  return hub.until(
    `an exception ${code} is open`,
    async () => (await hub.api<Listed<Exception>>('GET', `/v1/exceptions?code=${code}`)).data[0],
    120_000,
  );
}

/** Posts an order of Apex Hospital, but for `fields`; of the bolts there is always enough at DC1. */
export function postOrder(hub: BrowserHub, fields: Record<string, unknown>): Promise<Order> {
  return hub.api<Order>('POST', '/v1/orders', {
    channel: 'portal',
    customer: 'C200',
    lines: [{ sku: 'BLT', quantity: { value: '1', uom: 'BX' } }],
    ...fields,
  });
}

interface Connection {
  id: string;
  type: string;
  role: string;
  settings: Record<string, unknown>;
}

/** Points a connection elsewhere with a single attempt per delivery; answers how to put it right again. */
export async function misdirect(hub: BrowserHub, name: string, baseUrl: string): Promise<() => Promise<void>> {
  const put = async (change: (connection: Connection) => Record<string, unknown>) => {
    const { data } = await hub.api<Listed<{ value: Connection; version: number }>>('GET', '/v1/connections');
    const { value, version } = data.find((entry) => entry.value.id === name)!;
    const { id, type, role } = value;
    // To another address they have to be given again.
    const body = { id, type, role, settings: change(value), secrets: hub.secretsOf(name) };
    await hub.api('PUT', `/v1/connections/${name}`, body, { 'if-match': `"${version}"` });
  };
  // A breaker would spare it the calls, and nothing would be given up.
  const attempts = async (maxAttempts: number, failuresBorne: number) => {
    const { version, retry } = await hub.api<{ version: number; retry: object }>('GET', `/v1/destinations/${name}`);
    const breaker = { consecutiveFailures: failuresBorne, minimumCalls: 4 * failuresBorne };
    const body = { retry: { ...retry, maxAttempts }, breaker, reason: 'for this test' };
    await hub.api('PATCH', `/v1/destinations/${name}`, body, { 'if-match': `"${version}"` });
  };
  let before: unknown;
  await attempts(1, 10_000);
  await put(({ settings }) => {
    before = settings.baseUrl;
    return { ...settings, baseUrl };
  });
  return async () => {
    await put(({ settings }) => ({ ...settings, baseUrl: before }));
    await attempts(12, 5);
  };
}
