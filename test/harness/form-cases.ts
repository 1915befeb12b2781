/** One document of every form that runs both ways, and the set types of either standard that carry it. */
const gloves = { gtin: '00614141100019', buyerItem: 'NW-1', vendorItem: 'GLV' };
const bolts = { gtin: '10614141100023', vendorItem: 'BLT' };
const ea = (value: string) => ({ value, uom: 'EA' });
const price = (value: string, perQty = '1') => ({ value, currency: 'EUR', perQty, uom: 'EA' });

export interface FormCase {
  schema: string;
  /** Set types of either standard that carry the form. */
  types: ['x12' | 'edifact', string, string?][];
  value: Record<string, unknown>;
}

/** One document of every form; both standards must say it and read it back, and read the same. */
export const formCases: FormCase[] = [
  {
    schema: 'price-catalogue',
    types: [
      ['x12', '832'],
      ['edifact', 'PRICAT'],
    ],
    value: {
      catalogueNo: 'CAT-7',
      date: '2026-06-01',
      validFrom: '2026-07-01',
      validTo: '2026-12-31',
      currency: 'EUR',
      supplier: { name: 'RIDGELINE', code: '0614141000005', qualifier: 'UL' },
      buyer: { name: 'NORDWIND', code: '4012345000009', qualifier: 'UL' },
      lines: [
        { item: gloves, description: 'Nitrile gloves', price: price('4.25'), minimum: ea('100') },
        { item: bolts, description: 'Hex bolt M10', price: price('11.00', '100') },
      ],
    },
  },
  {
    schema: 'inventory-report',
    types: [
      ['x12', '846'],
      ['edifact', 'INVRPT'],
    ],
    value: {
      reportNo: 'INV-1',
      date: '2026-06-01',
      time: '09:30',
      warehouse: { name: 'RENO', code: '0614141001026', qualifier: 'UL' },
      lines: [
        {
          item: gloves,
          quantities: [
            { kind: 'onHand', quantity: ea('300') },
            { kind: 'available', quantity: ea('280') },
            { kind: 'damaged', quantity: ea('4') },
          ],
        },
        { item: bolts, quantities: [{ kind: 'available', quantity: ea('0') }] },
        {
          item: { vendorItem: 'GLV' },
          lot: 'L9',
          expiry: '2027-06-01',
          quantities: [{ kind: 'onHold', quantity: ea('60') }],
        },
      ],
    },
  },
  {
    schema: 'order-change',
    types: [
      ['x12', '860'],
      ['edifact', 'ORDCHG'],
    ],
    value: {
      poNumber: 'PO-1',
      release: '7',
      changeNo: '2',
      purpose: 'change',
      orderDate: '2026-05-31',
      date: '2026-06-02',
      requestedDate: '2026-06-12',
      lines: [
        {
          lineNo: '1',
          action: 'change',
          item: gloves,
          quantity: ea('80'),
          price: price('4.25'),
          requestedDate: '2026-06-13',
        },
        { lineNo: '2', action: 'delete', item: bolts, quantity: ea('5') },
        { lineNo: '3', action: 'add', item: { vendorItem: 'LED' }, quantity: ea('6'), price: price('16.50') },
      ],
    },
  },
  {
    schema: 'order-change',
    types: [['x12', '865', 'order-change.answer']],
    value: {
      poNumber: 'PO-1',
      purpose: 'change',
      answer: 'change',
      orderDate: '2026-05-31',
      date: '2026-06-02',
      lines: [
        { lineNo: '1', action: 'change', item: gloves, quantity: ea('80'), price: price('4.25'), outcome: 'accepted' },
      ],
    },
  },
  {
    schema: 'remittance',
    types: [
      ['x12', '820'],
      ['edifact', 'REMADV'],
    ],
    value: {
      paymentNo: 'PAY-9',
      paidOn: '2026-07-01',
      currency: 'EUR',
      amountMinor: 96150,
      payer: { name: 'NORDWIND' },
      payee: { name: 'RIDGELINE' },
      applications: [
        { invoiceNo: 'INV-1', paidMinor: 96150, invoicedMinor: 100000, deduction: { code: '01', amountMinor: 3850 } },
        { invoiceNo: 'INV-2', paidMinor: 0, invoicedMinor: 500, discountMinor: 500 },
      ],
    },
  },
  {
    schema: 'sales-report',
    types: [
      ['x12', '852'],
      ['edifact', 'SLSRPT'],
    ],
    value: {
      reportNo: 'S-1',
      from: '2026-05-01',
      to: '2026-05-31',
      buyer: { name: 'NORDWIND', code: '4012345000009', qualifier: 'UL' },
      supplier: { name: 'RIDGELINE', code: '0614141000005', qualifier: 'UL' },
      places: [
        {
          place: '0012',
          lines: [
            {
              item: gloves,
              activities: [
                { kind: 'sold', quantity: ea('40') },
                { kind: 'onHand', quantity: ea('12') },
              ],
            },
          ],
        },
      ],
    },
  },
  {
    schema: 'sales-report',
    types: [['x12', '867', 'sales-report.resale']],
    value: {
      reportNo: 'S-2',
      from: '2026-05-01',
      to: '2026-05-31',
      buyer: { name: 'NORDWIND', code: '4012345000009', qualifier: 'UL' },
      supplier: { name: 'RIDGELINE', code: '0614141000005', qualifier: 'UL' },
      places: [
        { place: '0012', lines: [{ item: gloves, activities: [{ kind: 'sold', quantity: ea('40') }] }] },
        { place: '0013', lines: [{ item: bolts, activities: [{ kind: 'returned', quantity: ea('2') }] }] },
      ],
    },
  },
  {
    schema: 'receiving-advice',
    types: [
      ['x12', '861'],
      ['edifact', 'RECADV'],
    ],
    value: {
      receiptNo: 'R-1',
      receivedOn: '2026-06-03',
      buyer: { code: '4012345000009', qualifier: 'UL' },
      supplier: { name: 'RIDGELINE', code: '17', qualifier: '92' },
      poNumber: 'PO-1',
      shipmentNo: 'SH-1',
      lines: [{ lineNo: '1', item: gloves, received: ea('96'), rejected: ea('4'), lot: 'L9' }],
    },
  },
  {
    schema: 'receiving-advice',
    types: [['x12', '944', 'receiving-advice.warehouse']],
    value: {
      receiptNo: 'WR-1',
      receivedOn: '2026-06-03',
      depositorOrderNo: 'D-1',
      shipmentNo: 'SH-1',
      poNumber: 'PO-1',
      warehouse: { name: 'RENO', code: '0614141001026', qualifier: 'UL' },
      lines: [
        {
          item: { vendorItem: 'GLV', buyerItem: 'NW-1' },
          received: ea('1000'),
          damaged: ea('40'),
          short: ea('2'),
          rejected: ea('6'),
          lot: 'L9',
        },
        { item: { vendorItem: 'BLT' }, received: ea('20'), over: ea('10'), poNumber: 'PO-2' },
      ],
    },
  },
  {
    schema: 'expected-receipt',
    types: [['x12', '943']],
    value: {
      shipmentNo: 'SH-1',
      date: '2026-06-01',
      depositorOrderNo: 'D-1',
      poNumber: 'PO-1',
      warehouse: { name: 'RENO', code: '0614141001026', qualifier: 'UL' },
      lines: [{ item: { vendorItem: 'GLV' }, quantity: ea('1000'), lot: 'L9' }],
    },
  },
  {
    schema: 'stock-adjustment',
    types: [['x12', '947']],
    value: {
      adjustmentNo: 'A-1',
      date: '2026-06-01',
      warehouse: { code: '0614141001026', qualifier: 'UL' },
      lines: [{ reason: '03', quantity: { value: '-4', uom: 'EA' }, item: { vendorItem: 'GLV' }, lot: 'L9' }],
    },
  },
  {
    schema: 'return-request',
    types: [['x12', '180']],
    value: {
      purpose: 'request',
      returnNo: 'RMA-1',
      date: '2026-06-10',
      poNumber: 'PO-1',
      lines: [
        { item: { vendorItem: 'LED', buyerItem: 'NW-8' }, quantity: ea('4'), price: price('16.50'), reason: '01' },
      ],
    },
  },
  {
    schema: 'credit-debit-adjustment',
    types: [['x12', '812']],
    value: {
      adjustmentNo: 'CM-1',
      date: '2026-06-10',
      currency: 'EUR',
      kind: 'credit',
      amountMinor: 6600,
      invoiceNo: 'INV-1',
      invoiceDate: '2026-06-02',
      poNumber: 'PO-1',
      lines: [{ reason: '01', kind: 'credit', amountMinor: 6600, quantity: ea('4'), item: { vendorItem: 'LED' } }],
    },
  },
  {
    schema: 'application-advice',
    types: [
      ['x12', '824'],
      ['edifact', 'APERAK'],
    ],
    value: {
      adviceNo: 'ADV-1',
      date: '2026-06-01',
      verdict: 'rejected',
      reference: 'INV-1',
      errors: [{ code: '024', text: 'The purchase order is closed' }],
    },
  },
  {
    schema: 'text-message',
    types: [['x12', '864']],
    value: {
      subject: 'Holiday',
      date: '2026-06-01',
      messages: [{ reference: '1', subject: 'Closed', lines: ['We are closed on 3 July', 'and open again on 6 July'] }],
    },
  },
  {
    schema: 'order-status-advice',
    types: [['x12', '870']],
    value: {
      reportNo: 'ST-1',
      date: '2026-06-01',
      orders: [
        {
          poNumber: 'PO-1',
          lines: [
            {
              lineNo: '1',
              ordered: ea('5'),
              item: { vendorItem: 'PMP-220' },
              statuses: [{ status: 'BP', date: '2026-06-15' }],
            },
          ],
        },
      ],
    },
  },
  {
    schema: 'load-tender',
    types: [
      ['x12', '204'],
      ['edifact', 'IFTMIN'],
    ],
    value: {
      shipmentNo: 'LOAD-1',
      scac: 'EXLA',
      purpose: 'original',
      payer: 'PP',
      stops: [
        {
          stopNo: '1',
          kind: 'pickup',
          on: '2026-06-02',
          place: { name: 'COLUMBUS', code: '0614141001019', qualifier: 'UL' },
        },
        {
          stopNo: '2',
          kind: 'delivery',
          on: '2026-06-04',
          place: { name: 'HAMBURG', code: 'HAM', qualifier: '92' },
          orders: ['PO-1', 'PO-2'],
        },
      ],
    },
  },
  {
    schema: 'tender-response',
    types: [['x12', '990']],
    value: { shipmentNo: 'LOAD-1', scac: 'EXLA', date: '2026-06-01', answer: 'accepted' },
  },
  {
    schema: 'freight-invoice',
    types: [['x12', '210']],
    value: {
      invoiceNo: 'F-1',
      shipmentNo: 'PRO-1',
      invoiceDate: '2026-06-05',
      scac: 'EXLA',
      payer: 'PP',
      currency: 'USD',
      totalMinor: 41250,
      deliveredOn: '2026-06-04',
      references: [{ qualifier: 'BM', value: 'BOL1' }],
      charges: [
        { description: 'Freight', amountMinor: 40000 },
        { description: 'Fuel', code: 'FUE', amountMinor: 1250 },
      ],
    },
  },
  {
    schema: 'routing-request',
    types: [['x12', '753']],
    value: {
      requestNo: 'RR-1',
      date: '2026-06-01',
      shipFrom: { name: 'COLUMBUS', code: '0614141001019', qualifier: 'UL' },
      destinations: [{ place: { name: 'DC 12', code: '0614141900121', qualifier: 'UL' }, orders: ['PO-1', 'PO-2'] }],
    },
  },
  {
    schema: 'routing-instruction',
    types: [['x12', '754']],
    value: {
      requestNo: 'RR-1',
      date: '2026-06-01',
      shipments: [{ scac: 'EXLA', pickupOn: '2026-06-03', orders: ['PO-1'] }],
    },
  },
  {
    schema: 'organization-directory',
    types: [['x12', '816']],
    value: {
      date: '2026-06-01',
      groups: [{ level: '35', members: [{ role: 'ST', name: 'STORE 12', qualifier: '92', code: '0012' }] }],
    },
  },
];
