import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../../test/harness/api-services.ts';
import { apex, dc1, dc1Stock, led, ledPrice, putRidgeline } from '../../test/harness/ridgeline-data.ts';
import { type ExceptionAction, type NewException, openExceptions } from '../exceptions/index.ts';
import { type Action, actionsOf, createApiKey, ROLES, type Role } from '../security/index.ts';
import type { Route } from './define-route.ts';
import { createOpenApi, routes } from './index.ts';

let api: TestApi;
const keyOf = new Map<string, string>();
/** What belongs to `acme`: path parameters by name, per route where the same name means different things. */
let owned: Record<string, Record<string, string>>;

const anyUuid = '01940000-0000-7000-8000-000000000000';

async function makeKey(tenantId: string, role: Role): Promise<string> {
  const { db, clock } = api.services;
  const made = await db.tx(tenantId, (tx) => createApiKey(tx, clock, { name: role, roles: [role], createdBy: 'test' }));
  return made.key;
}

beforeAll(async () => {
  api = await testApi({
    flows: { actOnException: () => Promise.resolve({ effects: [] }), cancelOrder: () => Promise.resolve() },
  });
  await putRidgeline(api);
  for (const role of ROLES) keyOf.set(role, await makeKey('acme', role));
  keyOf.set('other admin', await makeKey('other', 'admin'));
  owned = await makeResources();
});
afterAll(() => api?.stop());

async function makeResources(): Promise<typeof owned> {
  const as = { authorization: `Bearer ${api.adminKey}`, 'idempotency-key': 'resources' };
  const call = async (options: InjectOptions) => {
    const reply = await api.app.inject({ ...options, headers: { ...as, ...options.headers } });
    if (reply.statusCode >= 400) throw new Error(reply.body);
    return reply.json();
  };
  const lines = [{ sku: 'LED', quantity: { value: '1', uom: 'EA' } }];
  const order = await call({
    method: 'POST',
    url: '/v1/orders',
    payload: { channel: 'portal', customer: 'C200', customerPo: 'P', lines },
  });
  const reservation = await call({
    method: 'POST',
    url: '/v1/reservations',
    payload: { sku: 'LED', channel: 'portal', quantity: { value: '1', uom: 'EA' } },
  });
  const edi = await call({
    method: 'POST',
    url: '/v1/edi/inbound',
    payload: 'ISA',
    headers: { 'content-type': 'text/plain' },
  });
  const refused = await api.app.inject({
    method: 'POST',
    url: '/v1/orders',
    payload: '{',
    headers: { ...as, 'content-type': 'application/json' },
  });
  const delivery = (await call({ url: '/v1/deliveries?limit=1' })).data[0];
  const user = await call({
    method: 'POST',
    url: '/v1/users',
    payload: { email: 'a@b.example', displayName: 'A', password: 'long enough 123', roles: ['edi'] },
  });
  const key = await call({ method: 'POST', url: '/v1/api-keys', payload: { name: 'k', roles: ['edi'] } });
  return {
    orders: { id: order.id },
    reservations: { id: reservation.id },
    messages: { id: edi.messageId },
    exceptions: { id: refused.json().exceptionId },
    deliveries: { id: delivery.id },
    destinations: { name: delivery.destination },
    users: { id: user.id },
    'api-keys': { id: key.id },
    customers: { accountNo: 'C200' },
    items: { sku: 'LED' },
    prices: { id: 'LED-LIST' },
    locations: { code: 'DC1' },
    'stock-snapshots': { location: 'DC1' },
  };
}

const bodies: Record<string, unknown> = {
  'PUT /v1/customers/{accountNo}': apex,
  'PUT /v1/items/{sku}': led,
  'PUT /v1/prices/{id}': ledPrice,
  'PUT /v1/locations/{code}': dc1,
  'PUT /v1/stock-snapshots/{location}': dc1Stock,
  'POST /v1/orders/{id}/comments': { text: 'a word' },
  'PUT /v1/destinations/{name}/budget': { concurrency: 4, reason: 'because' },
};

/** A request that gets as far as the route's own code, for whoever may get there. */
function requestFor(route: Route, credentials: Record<string, string>): InjectOptions {
  const resource = route.path.split('/')[2]!;
  const url = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(owned[resource]?.[name] ?? anyUuid),
  );
  const required = ((route.query as { required?: string[] } | undefined)?.required ?? []).map((name) => `${name}=LED`);
  const body = bodies[`${route.method} ${route.path}`] ?? {
    reason: 'because',
    action: 'assign',
    input: { assignee: 'me' },
  };
  return {
    method: route.method,
    url: required.length === 0 ? url : `${url}?${required.join('&')}`,
    headers: {
      ...credentials,
      ...(route.idempotent ? { 'idempotency-key': 'matrix' } : {}),
      ...(route.precondition === 'required' ? { 'if-match': '"999"' } : {}),
      ...(route.rawBody === undefined ? {} : { 'content-type': route.rawBody.mediaTypes[0]! }),
    },
    ...(route.body === undefined ? {} : { payload: body as object }),
    ...(route.rawBody === undefined ? {} : { payload: '{}' }),
  };
}

const bearer = (who: string) => ({ authorization: `Bearer ${keyOf.get(who)}` });
const paths = createOpenApi(routes, '1.0.0').paths as Record<string, Record<string, { responses: object }>>;
const declaredEtags = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, { responses }]) =>
    JSON.stringify(responses).includes('"etag"') ? [`${method.toUpperCase()} ${path}`] : [],
  ),
);
// A stream has no end to wait for; its own test listens to it.
const tested = routes.filter((route) => route.responseType !== 'text/event-stream');
const guarded = routes.filter((route) => route.access !== 'public' && route.access !== 'signature');

describe('every route', () => {
  it('is declared once', () => {
    const names = routes.map((route) => `${route.method} ${route.path}`);
    expect(names.length).toBeGreaterThan(70);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(guarded.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'asks who it is before it looks at the other headers and the body: %s',
    async (_name, route) => {
      const { payload: _, ...request } = requestFor(route, {});
      const broken = route.method === 'GET' ? request : { ...request, payload: '{"not json' };
      for (const credentials of [
        {},
        { authorization: 'Bearer wrong' },
        { authorization: 'Basic eDp5' },
        { cookie: 'crossdock_session=xds_acme.wrong' },
      ]) {
        // Whoever it is that asks: with the headers that the route needs, without them, with a type that it does not take.
        for (const headers of [broken.headers, {}, { 'content-type': 'image/png' }]) {
          const reply = await api.app.inject({ ...broken, headers: { ...headers, ...credentials } });
          expect(reply.statusCode).toBe(401);
          expect(reply.json().code).toBe('UNAUTHENTICATED');
        }
      }
    },
  );
});

describe.each(ROLES)('as %s', (role) => {
  it.each(
    tested.filter((route) => guarded.includes(route)).map((route) => [`${route.method} ${route.path}`, route] as const),
  )('%s is open or closed as the matrix says', async (_name, route) => {
    const allowed = route.access === 'signed-in' || (actionsOf([role]) as string[]).includes(route.access);
    const reply = await api.app.inject(requestFor(route, bearer(role)));
    if (allowed) expect([401, 403]).not.toContain(reply.statusCode);
    else expect([reply.statusCode, reply.json().code]).toEqual([403, 'FORBIDDEN']);
    expect(reply.statusCode).toBeLessThan(500);
    if (reply.headers.etag !== undefined) expect(declaredEtags).toContain(`${route.method} ${route.path}`);
  });
});

describe('what is done about an exception', () => {
  /** As `order.cancel`, `delivery.discard` and the others say of the routes of their own; owners decide what is put before them. */
  const deeds: readonly [NewException['code'], ExceptionAction, (role: Role) => boolean][] = [
    ['CREDIT_HOLD', 'cancel_order', (role) => may(role, 'order.cancel')],
    ['PRICE_MISMATCH', 'cancel_line', (role) => may(role, 'order.cancel')],
    ['TEST_IN_PRODUCTION', 'reject', (role) => may(role, 'order.cancel')],
    ['UNKNOWN_CUSTOMER', 'reject', (role) => may(role, 'order.cancel') || may(role, 'message.resubmit')],
    ['UNKNOWN_CUSTOMER', 'resume_message', (role) => may(role, 'delivery.replay') || role === 'customer_service'],
    ['UNKNOWN_ITEM', 'approve_cross_reference', (role) => may(role, 'partner.write') || role === 'customer_service'],
    ['DUPLICATE_ORDER', 'accept_as_new', (role) => may(role, 'order.submit')],
    ['DELIVERY_DEAD', 'retry_delivery', (role) => may(role, 'delivery.replay')],
    ['OUTCOME_UNKNOWN', 'retry_delivery', (role) => may(role, 'delivery.resolve')],
    ['OUTCOME_UNKNOWN', 'confirm_delivered', (role) => may(role, 'delivery.resolve')],
    ['RELEASE_REJECTED', 'discard_delivery', (role) => may(role, 'delivery.discard') || role === 'operations'],
    ['SHORT_PICK', 'complete_count', (role) => may(role, 'stock.write')],
    ['RECEIPT_DISCREPANT', 'accept_receipt', (role) => may(role, 'stock.write') || role === 'operations'],
    ['ENDPOINT_DOWN', 'resume_destination', (role) => may(role, 'destination.pause')],
    ['RESUBMISSION_PROPOSED', 'approve_resubmission', (role) => may(role, 'replay.approve')],
    ['AUTH_FAILED', 'try_destination', (role) => may(role, 'destination.pause')],
    ['ACK_OVERDUE', 'resend_document', (role) => may(role, 'delivery.replay')],
    ['ACK_OVERDUE', 'accept_as_acknowledged', (role) => may(role, 'partner.write') || role === 'edi'],
    ['CREDIT_HOLD', 'release_hold', () => true],
    ['CREDIT_HOLD', 'note', () => true],
  ];
  const may = (role: Role, action: Action) => actionsOf([role]).includes(action);
  const ofOrders = new Set<string>(['CREDIT_HOLD', 'PRICE_MISMATCH', 'TEST_IN_PRODUCTION']);

  it.each(deeds)('%s: %s is offered to whom it is open', async (code, action, isOpenTo) => {
    const { db, clock } = api.services;
    const open: NewException = {
      code,
      dedupeKey: `matrix:${code}`,
      entityRefs: [],
      cause: 'It is tried out.',
      ...(ofOrders.has(code) ? { orderId: owned.orders!.id! } : {}),
    };
    const [made] = await db.tx('acme', (tx) => openExceptions(tx, [open], clock.now()));
    for (const role of ROLES) {
      const url = `/v1/exceptions/${made!.id}`;
      const seen = await api.app.inject({ url, headers: bearer(role) });
      const offered = (seen.json().actions as { action: string }[]).map((each) => each.action);
      expect([role, offered.includes(action)]).toEqual([role, isOpenTo(role)]);
      expect([role, seen.json().allowedActions.includes(action)]).toEqual([role, isOpenTo(role)]);
      const reply = await api.app.inject({
        method: 'POST',
        url: `${url}/actions`,
        headers: { ...bearer(role), 'if-match': seen.headers.etag as string },
        payload: { action, reason: 'because', preview: true },
      });
      expect([role, reply.statusCode]).toEqual([role, isOpenTo(role) ? 200 : 403]);
    }
  });
});

describe('the admin of another tenant', () => {
  const canaries = () => [owned.orders!.id!, 'Apex Hospital', 'LED panel', owned.messages!.id!, 'a@b.example'];

  it.each(
    tested.filter((route) => guarded.includes(route)).map((route) => [`${route.method} ${route.path}`, route] as const),
  )('sees and changes nothing of ours by %s', async (_name, route) => {
    const creates = route.method === 'PUT' || route.precondition === 'put';
    const request = requestFor(route, bearer('other admin'));
    const reply = await api.app.inject(request);
    expect(reply.statusCode).toBeLessThan(500);
    // What it sent itself may come back to it; what it never named may not.
    if (!creates) for (const canary of canaries()) expect(reply.body).not.toContain(canary);
    const names = /\{/.test(route.path) && owned[route.path.split('/')[2]!] !== undefined;
    if (names && !creates) expect([404, 409, 412, 422]).toContain(reply.statusCode);
  });

  it('left ours as they were', async () => {
    const headers = { authorization: `Bearer ${api.adminKey}` };
    const customer = await api.app.inject({ url: '/v1/customers/C200', headers });
    expect(customer.json()).toEqual(apex);
    expect(customer.headers.etag).toBe('"1"');
    expect((await api.app.inject({ url: `/v1/reservations/${owned.reservations!.id}`, headers })).statusCode).not.toBe(
      500,
    );
  });
});
