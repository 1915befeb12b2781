import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EdiDocument, readSync, toGuide, write } from '../../src/edi/index.ts';
import { type Journey, startJourney } from './harness.ts';

let journey: Journey;
beforeAll(async () => {
  journey = await startJourney({
    change(document) {
      const agreement = document.agreements.find(({ id }: { id: string }) => id === 'nordwind-edifact');
      agreement.overlays = [
        { map: 'edifact-orders', rows: [{ target: 'partnerRefs.ACE', template: '{BGM.number}/{BGM.function}' }] },
        { map: 'edifact-ordrsp', rows: [{ target: 'BGM.response', constant: 'AB' }] },
      ];
    },
  });
});
afterAll(() => journey?.stop());

/** Nordwind's order as its own system writes it: UNA, EANCOM's association code, pieces without a unit. */
const orders = [
  "UNA:+.? '",
  "UNB+UNOC:3+4012345000009:14+0614141000005:14+260601:1500+4711++++1'",
  "UNH+1+ORDERS:D:96A:UN:EAN008'",
  "BGM+220+NW-2026-17+9'",
  "DTM+137:20260601:102'",
  "DTM+2:20260605:102'",
  "FTX+AAI+++Rampe 4, vor 12 Uhr'",
  "RFF+CT:RV-2026'",
  "NAD+BY+4012345000009::9'",
  "NAD+SU+0614141000005::9'",
  "NAD+DP+4012345000016::9'",
  "CUX+2:EUR:9'",
  "LIN+1++00614141100088:EN'",
  "PIA+1+LED:SA'",
  "QTY+21:4'",
  "PRI+AAA:16.50'",
  "UNS+S'",
  "CNT+2:1'",
  "UNT+17+1'",
  "UNZ+1+4711'",
].join('\n');

/** Documents in Nordwind's out folder, in the order of their interchange numbers. */
async function received(): Promise<{ type: string; control: string; document: EdiDocument }[]> {
  const found: { type: string; control: string; document: EdiDocument }[] = [];
  for (const text of (await journey.files('C400')).values()) {
    for (const event of readSync(text)) {
      if (event.kind !== 'document') continue;
      found.push({ type: event.document.type, control: event.interchange.control, document: event.document });
    }
  }
  return found.sort((a, b) => (a.control < b.control ? -1 : 1));
}
/** The text of a PDF whose streams are not compressed. */
const pdfText = (pdf: string): string =>
  [...pdf.matchAll(/\[(.*?)\] TJ/g)]
    .map(([, body]) =>
      [...body!.matchAll(/<([0-9a-f]*)>/g)].map(([, hex]) => Buffer.from(hex!, 'hex').toString('latin1')).join(''),
    )
    .join('\n');
const bodyOf = (document: EdiDocument): any => toGuide(document)!.body;

test('ORDERS in the folder: CONTRL and ORDRSP back, then DESADV and INVOIC, as the buyer wrote it', async () => {
  await journey.drop('C400', 'orders.edi', orders);
  const order = await journey.until('the order', async () => {
    const found = await journey.api<any>('GET', '/v1/orders?customer=C400&customerPo=NW-2026-17');
    return found.data[0] && journey.api<any>('GET', `/v1/orders/${found.data[0].id}`);
  });
  expect(order).toMatchObject({ currency: 'EUR', status: { onHold: false }, shipTo: { id: 'HAM' } });
  expect(order.lines[0]).toMatchObject({ sku: 'LED', ordered: { value: '4', uom: 'EA' }, price: { value: '16.50' } });

  const all = await journey.until('CONTRL, ORDRSP, DESADV and INVOIC', async () => {
    const documents = await received();
    return (
      ['CONTRL', 'ORDRSP', 'DESADV', 'INVOIC'].every((type) => documents.some((one) => one.type === type)) && documents
    );
  });
  expect(all.map(({ type }) => type)).toEqual(['CONTRL', 'ORDRSP', 'DESADV', 'INVOIC']);
  expect(all.map(({ control }) => control)).toEqual(['000000001', '000000002', '000000003', '000000004']);
  for (const { document } of all) expect([document.verdict, document.issues]).toEqual(['accepted', []]);
  const [contrl, ordrsp, desadv, invoic] = all.map(({ document }) => bodyOf(document));

  expect(contrl.UCI).toMatchObject({ control: '4711', action: '7' });
  expect(contrl.messages).toMatchObject([{ UCM: { reference: '1', action: '7' } }]);

  // The agreement's overlays bend both maps.
  expect(ordrsp.BGM).toMatchObject({ function: '29', response: 'AB' });
  expect(ordrsp.references.map(({ RFF }: any) => RFF.reference)).toContainEqual({
    qualifier: 'ACE',
    number: 'NW-2026-17/9',
  });
  expect(ordrsp.references[0].RFF.reference).toEqual({ qualifier: 'ON', number: 'NW-2026-17' });
  expect(ordrsp.lines[0]).toMatchObject({
    LIN: { lineNumber: '1', action: '5', item: { id: '0614141100088', type: 'EN' } },
    QTY: [
      { quantity: { qualifier: '21', quantity: '4', unit: 'PCE' } },
      { quantity: { qualifier: '113', quantity: '4' } },
    ],
  });

  const shipments = await journey.api<any>('GET', `/v1/orders/${order.id}/shipments`);
  const [pack] = shipments.data[0].packages;
  const packing = desadv.packing.find((group: any) => group.CPS.parentId === '1');
  expect(packing.packages[0].markings[0].numbers[0].GIN).toEqual({ qualifier: 'BJ', range: { number: pack.sscc } });
  expect(packing.packages[0].markings[0].RFF.reference).toEqual({ qualifier: 'CN', number: pack.tracking });
  expect(packing.lines[0].QTY[0].quantity).toEqual({ qualifier: '12', quantity: '4', unit: 'PCE' });

  const [label, slip, image] = await Promise.all(
    ['labels.pdf', 'packing-slip.pdf', 'labels/1.png'].map((file) =>
      fetch(`${journey.hub.url}/v1/shipments/${shipments.data[0].id}/${file}`, {
        headers: { authorization: 'Bearer journey-admin-key-0123456789' },
      }),
    ),
  );
  for (const [reply, type] of [
    [label, 'application/pdf'],
    [slip, 'application/pdf'],
    [image, 'image/png'],
  ] as const)
    expect([reply!.status, reply!.headers.get('content-type')]).toEqual([200, type]);
  for (const reply of [label, slip]) expect(pdfText(await reply!.text())).toContain(`(00) ${pack.sscc}`);

  const amounts = invoic.amounts.map(({ MOA }: any) => [MOA.amount.qualifier, MOA.amount.amount]);
  expect(amounts).toContainEqual(['77', '66.00']);
  expect(invoic.currencies[0].CUX.currency.currency).toBe('EUR');

  const messages = await journey.api<any>('GET', `/v1/messages?correlationId=${order.correlationId}&limit=200`);
  const topics = messages.data.map((message: any) => message.topic).join(' ');
  for (const type of ['CONTRL', 'ORDRSP', 'DESADV', 'INVOIC']) expect(topics).toContain(type);
});

test('the buyer’s CONTRL settles what we sent; a rejection of one message is an exception', async () => {
  const all = await received();
  const answer = (control: string, ofInterchange: string, type: string, action: string): string =>
    new TextDecoder().decode(
      write({
        envelope: {
          standard: 'edifact',
          sender: { qualifier: '14', id: '4012345000009' },
          receiver: { qualifier: '14', id: '0614141000005' },
          usage: 'P',
          version: 'UNOC:3',
          control,
          date: '2026-06-01',
          time: '16:00',
        },
        groups: [
          {
            functionalId: '',
            control: '',
            version: 'D.3',
            documents: [
              {
                type: 'CONTRL',
                control: '1',
                segments: [
                  { id: 'UCI', elements: [ofInterchange, ['0614141000005', '14'], ['4012345000009', '14'], '7'] },
                  {
                    id: 'UCM',
                    elements: ['1', [type, 'D', '96A', 'UN', 'EAN008'], action, ...(action === '4' ? ['12'] : [])],
                  },
                ],
              },
            ],
          },
        ],
      }),
    );
  const controlOf = (type: string): string => all.find((one) => one.type === type)!.control;
  await journey.drop('C400', 'contrl-1.edi', answer('4712', controlOf('ORDRSP'), 'ORDRSP', '7'));
  await journey.drop('C400', 'contrl-2.edi', answer('4713', controlOf('DESADV'), 'DESADV', '4'));

  const problem = await journey.until('the exception', async () => {
    const found = await journey.api<any>('GET', '/v1/exceptions?code=ACK_REJECTED');
    return found.data.find((one: any) => one.cause.includes('DESADV'));
  });
  expect(problem.cause).toContain('C400 rejected our DESADV');
  const unmatched = await journey.api<any>('GET', '/v1/exceptions?code=ACK_UNMATCHED');
  expect(unmatched.data).toEqual([]);
  // An acknowledgment is never acknowledged.
  expect((await received()).filter(({ type }) => type === 'CONTRL')).toHaveLength(1);
});

test('a broken interchange is refused by CONTRL, and nothing becomes of it', async () => {
  await journey.drop(
    'C400',
    'broken.edi',
    orders.replaceAll('4711', '4714').replace('NW-2026-17', 'NW-BROKEN').replace('UNZ+1', 'UNZ+2'),
  );
  const refusal = await journey.until('the second CONTRL', async () =>
    (await received()).find(({ type, document }) => type === 'CONTRL' && bodyOf(document).UCI.control === '4714'),
  );
  expect(bodyOf(refusal.document).UCI.action).toBe('4');
  expect((await journey.api<any>('GET', '/v1/orders?customer=C400&customerPo=NW-BROKEN')).data).toEqual([]);
});
