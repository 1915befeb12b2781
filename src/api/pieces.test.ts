import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, errorCatalog, HubError, isHubError } from '../platform/index.ts';
import { readPreferredWait } from './await-decision.ts';
import { decodeCursor, encodeCursor, isTuple } from './cursor.ts';
import { readIfMatch, readPutPrecondition } from './precondition.ts';
import { problemOf, statusOfCode } from './problem.ts';
import { bodyValidator, parameterValidator } from './schema-validation.ts';
import { CreateOrderBody } from './schemas/orders.ts';
import { joinTrace } from './trace.ts';

const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'none';
  } catch (error) {
    return (error as HubError).code;
  }
};

const detailsOf = (run: () => unknown): string[] => {
  try {
    run();
    return [];
  } catch (error) {
    return isHubError(error) ? error.errors!.map((detail) => `${detail.code} ${detail.pointer}`) : ['other'];
  }
};

describe('traceparent', () => {
  const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  it('goes on with the caller’s trace under a step of our own', () => {
    const { traceId, traceparent } = joinTrace(given);
    expect(traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    expect(traceparent).not.toBe(given);
  });

  it.each([undefined, '', 'nonsense', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, given.toUpperCase(), [given]])(
    'begins a trace of its own instead of %j',
    (header) => {
      const { traceId, traceparent } = joinTrace(header);
      expect(traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
      expect(traceId).not.toBe('0af7651916cd43dd8448eb211c80319c');
    },
  );
});

describe('cursors', () => {
  it('come back as what they were', () => {
    expect(decodeCursor('orders', encodeCursor('orders', 'id "7"'), 'text')).toBe('id "7"');
  });

  it('are refused when their position is none of the list', () => {
    for (const [position, shape] of [
      ['zzz', 'uuid'],
      ['-1', 'number'],
      ['1e3', 'number'],
      ['a\0b', 'text'],
      ['\ud800', 'text'],
      ['zzz', isTuple(2)],
      ['["a"]', isTuple(2)],
      ['["a",1]', isTuple(2)],
      ['["a","\\u0000"]', isTuple(2)],
    ] as const) {
      expect(codeOf(() => decodeCursor('orders', encodeCursor('orders', position), shape))).toBe('INVALID_CURSOR');
    }
    expect(decodeCursor('orders', encodeCursor('orders', '["a","b"]'), isTuple(2))).toBe('["a","b"]');
  });

  it.each(['x', '', Buffer.from('[]').toString('base64url'), encodeCursor('orders', 'a')])(
    'are refused when they are not the list’s own: %s',
    (cursor) => expect(codeOf(() => decodeCursor('messages', cursor, 'text'))).toBe('INVALID_CURSOR'),
  );
});

describe('preconditions', () => {
  it('reads versions and the star', () => {
    expect(readIfMatch('"3"')).toBe(3);
    expect(readIfMatch('*')).toBe('*');
    expect(codeOf(() => readIfMatch(undefined))).toBe('PRECONDITION_REQUIRED');
    expect(codeOf(() => readIfMatch('W/"3"'))).toBe('PRECONDITION_FAILED');
    expect(codeOf(() => readIfMatch('3'))).toBe('PRECONDITION_FAILED');
  });

  it('takes a PUT without one as a creation', () => {
    expect(readPutPrecondition({})).toBe(0);
    expect(readPutPrecondition({ ifNoneMatch: '*' })).toBe(0);
    expect(readPutPrecondition({ ifMatch: '"4"' })).toBe(4);
    expect(readPutPrecondition({ ifMatch: '*' })).toBeUndefined();
  });
});

describe('Prefer: wait', () => {
  it.each([
    ['wait=5', 5000],
    ['respond-async, wait=2', 2000],
    ['WAIT="3"', 3000],
    ['wait=600', 10_000],
    ['return=minimal', undefined],
    [undefined, undefined],
  ])('reads %s', (header, expected) => expect(readPreferredWait(header)).toBe(expected));
});

describe('problems', () => {
  it('say a HubError’s code, status and spots', () => {
    const error = new HubError('UNKNOWN_ITEM', {
      message: 'No item has the SKU X',
      errors: [{ pointer: '/lines/0/sku', code: 'UNKNOWN_ITEM' }],
      detail: { exceptionId: 'e1', internal: 'not for clients' },
    });
    const { status, problem } = problemOf(error, 'trace');
    expect(status).toBe(422);
    expect(problem).toEqual({
      type: '/docs#error-UNKNOWN_ITEM',
      title: 'No item has this SKU or GTIN',
      status: 422,
      code: 'UNKNOWN_ITEM',
      detail: 'No item has the SKU X',
      instance: 'trace',
      errors: [{ pointer: '/lines/0/sku', code: 'UNKNOWN_ITEM' }],
      exceptionId: 'e1',
    });
  });

  it('say nothing of an unexpected error but where to look for it', () => {
    const { status, problem, internal } = problemOf(new Error('password=hunter2'), 'trace');
    expect({ status, internal }).toEqual({ status: 500, internal: true });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
    expect(problem.instance).toBe('trace');
  });

  it('tell when to come back', () => {
    expect(problemOf(new HubError('RATE_LIMITED'), 't').headers).toMatchObject({ 'retry-after': '60' });
    expect(problemOf(new HubError('UNAUTHENTICATED'), 't').headers['www-authenticate']).toMatch(/^Bearer/);
  });

  it('have a status for every code that is the client’s doing', () => {
    const unmapped = (Object.keys(errorCatalog) as ErrorCode[]).filter(
      (code) => errorCatalog[code].disposition === 'reject' && statusOfCode[code] === undefined,
    );
    expect(unmapped).toEqual(['TENANT_REQUIRED']);
  });
});

describe('validation', () => {
  const check = bodyValidator(CreateOrderBody);
  const order = {
    channel: 'portal',
    customer: 'C200',
    customerPo: 'P1',
    lines: [{ sku: 'LED', quantity: { value: '10', uom: 'EA' } }],
  };

  it('accepts an order and changes nothing of it', () => {
    const copy = structuredClone(order);
    check(copy);
    expect(copy).toEqual(order);
  });

  it.each([
    [{ ...order, colour: 'red' }, 'UNKNOWN_FIELD /colour'],
    [{ ...order, lines: [{ ...order.lines[0], qty: 1 }] }, 'UNKNOWN_FIELD /lines/0/qty'],
    [{ ...order, lines: [] }, 'MINITEMS /lines'],
    [{ channel: 'portal', lines: order.lines }, 'REQUIRED /customer'],
    [{ ...order, lines: [{ sku: 'LED', quantity: { value: 10, uom: 'EA' } }] }, 'TYPE /lines/0/quantity/value'],
    [{ ...order, lines: [{ sku: 'LED', quantity: { value: '0', uom: 'EA' } }] }, 'PATTERN /lines/0/quantity/value'],
    [{ ...order, shipTo: 7 }, 'TYPE /shipTo'],
    [[order], 'TYPE '],
  ])('points at what is wrong', (body, expected) => expect(detailsOf(() => check(body))).toContain(expected));

  it('names every problem, up to a bound', () => {
    const lines = Array.from({ length: 900 }, () => ({ sku: 'LED' }));
    expect(detailsOf(() => check({ ...order, lines }))).toHaveLength(50);
  });

  it('reads numbers and booleans from parameters', () => {
    const query = { limit: '5', open: 'true' } as Record<string, unknown>;
    const schema = Type.Object(
      { limit: Type.Integer({ maximum: 10 }), open: Type.Boolean() },
      { additionalProperties: false },
    );
    parameterValidator(schema)(query);
    expect(query).toEqual({ limit: 5, open: true });
    expect(detailsOf(() => parameterValidator(schema)({ limit: '11', open: 'true' }))).toEqual(['MAXIMUM /limit']);
    expect(detailsOf(() => parameterValidator(schema)({ limit: '1', open: 'true', x: '1' }))).toEqual([
      'UNKNOWN_FIELD /x',
    ]);
  });
});
