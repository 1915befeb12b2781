import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  canonicalSchemas,
  type CanonicalSchemaName,
  exportJsonSchema,
  gs1CheckDigit,
  isGln,
  isGtin,
  isSscc,
  makeSscc,
  naturalKey,
  orderFingerprint,
} from './index.ts';

describe('GS1 identifiers', () => {
  it('knows the numbers of the reference company', () => {
    for (const gln of [
      '0614141001019',
      '0614141001026',
      '0614141001033',
      '0614141001040',
      '0614141900121',
      '0614141900206',
    ]) {
      expect(isGln(gln)).toBe(true);
    }
    for (const gtin of [
      '00614141100019',
      '10614141100016',
      '10614141100023',
      '20614141100020',
      '00614141100088',
      '614141100019',
    ]) {
      expect(isGtin(gtin)).toBe(true);
    }
    expect(makeSscc(1, '0614141', 1)).toBe('106141410000000019');
    expect(isSscc('106141410000000019')).toBe(true);
  });

  it('notices every single wrong digit', () => {
    const right = '106141410000000019';
    for (let i = 0; i < right.length; i++) {
      const wrong = `${right.slice(0, i)}${(Number(right[i]) + 1) % 10}${right.slice(i + 1)}`;
      expect(isSscc(wrong)).toBe(false);
    }
    expect(isGtin('0061414110001X')).toBe(false);
    expect(isGln('061414100101')).toBe(false);
  });

  it('refuses a serial that no longer fits', () => {
    expect(makeSscc(0, '061414112345', 9999)).toHaveLength(18);
    expect(() => makeSscc(0, '061414112345', 10_000)).toThrow(RangeError);
    expect(gs1CheckDigit('10614141000000001')).toBe(9);
  });
});

describe('natural keys', () => {
  const parts = { tenantId: 't', customer: 'C100', customerPo: 'PO1', documentType: 'order', orderId: 'id' };

  it('depend on the customer and the PO, not on the door or the moment', () => {
    expect(naturalKey(parts)).toBe(naturalKey({ ...parts, orderId: 'another' }));
    expect(naturalKey(parts)).toMatch(/^xd1-[0-9a-f]{32}$/);
    const others = [{ tenantId: 'u' }, { customer: 'C200' }, { customerPo: 'PO2' }, { release: '1' }, { instance: 2 }];
    const keys = others.map((change) => naturalKey({ ...parts, ...change }));
    expect(new Set([naturalKey(parts), ...keys]).size).toBe(6);
  });

  it('are the order itself without a PO', () => {
    const without = { ...parts, customerPo: undefined };
    expect(naturalKey(without)).not.toBe(naturalKey({ ...without, orderId: 'other' }));
  });

  it('fingerprint what was ordered, not how it was written', () => {
    const order = {
      customer: 'C',
      customerPo: 'P',
      purpose: 'original',
      lines: [
        { sku: 'A', quantity: '1' },
        { sku: 'B', quantity: '2', price: '3' },
      ],
    };
    expect(orderFingerprint(order)).toBe(orderFingerprint({ ...order, lines: [...order.lines].reverse() }));
    expect(orderFingerprint(order)).not.toBe(orderFingerprint({ ...order, lines: [order.lines[0]!] }));
    expect(canonicalJson({ b: 1, a: [{ d: undefined, c: 2 }] })).toBe('{"a":[{"c":2}],"b":1}');
  });
});

describe('published schemas', () => {
  it.each(Object.keys(canonicalSchemas) as CanonicalSchemaName[])('%s is a JSON Schema of its own', (name) => {
    const schema = exportJsonSchema(name);
    expect(schema.$id).toBe(`/schemas/${name}/v1`);
    expect(JSON.stringify(schema)).not.toContain('"~');
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    expect(ajv.compile(schema)({ surprise: true })).toBe(false);
  });
});
