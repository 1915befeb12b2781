import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { leaveFile, verdictsOf } from '../../test/harness/mailbox-files.ts';
import { type Lab, startLab } from '../harness.ts';
import { writeInterchange } from '../x12-text.ts';

let dir: string;
let lab: Lab;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lab-partner-'));
  lab = await startLab({
    dir,
    profile: 'zero',
    only: ['partner'],
    partnersDir: join(dir, 'partners'),
    startAt: new Date('2026-06-01T13:00:00Z'),
  });
});
afterEach(async () => {
  await lab.stop();
  rmSync(dir, { recursive: true, force: true });
});

const inbox = (): string[] => readdirSync(join(dir, 'partners', 'C100', 'in')).sort();

const verdicts = (name: string): Promise<unknown[]> => verdictsOf(join(dir, 'partners', 'C100', 'in', name));
const leave = (name: string, text: string): void => leaveFile(join(dir, 'partners', 'C100', 'out'), name, text);

const acknowledgment855 = (control: number): string =>
  writeInterchange(
    {
      sender: 'RIDGELINE',
      receiver: 'MERIDIAN',
      control,
      version: '004010',
      usage: 'P',
      functionalId: 'PR',
      at: new Date('2026-06-01T13:00:00Z'),
    },
    [
      [
        ['ST', '855', '0001'],
        ['BAK', '00', 'AC', 'PO-7', '20260601'],
        ['PO1', '1', '5', 'EA', '450'],
        ['ACK', 'IA', '5', 'EA'],
        ['CTT', '1'],
      ],
    ],
  );

test.each(['004010', '005010'])(
  'its %s purchase orders are in order, whole, and named only when complete',
  async (version) => {
    const lines = [{ sku: 'PMP-220', quantity: '5', uom: 'EA', price: '450.00' }];
    const sent = (await lab.control('partner', 'POST', '/_orders', { poNumber: 'PO-7', version, lines })) as {
      text: string;
    };
    expect(inbox()).toEqual(['850-1.edi']);
    expect(await verdicts('850-1.edi')).toEqual(['850 accepted']);
    expect(sent.text).toContain('BEG*00*SA*PO-7**20260601~');
  },
);

test('it logs what it is sent and acknowledges each group, as the dials say', async () => {
  leave('855-1.edi', acknowledgment855(1));
  await vi.waitFor(() => expect(inbox()).toEqual(['997-1.edi']), { timeout: 5_000 });
  expect(await verdicts('997-1.edi')).toEqual(['997 accepted']);
  expect(lab.logs('partner').find(({ kind }) => kind === 'document.received')).toMatchObject({
    type: '855',
    key: 'PO-7',
    group: '1',
    segments: expect.arrayContaining([['ACK', 'IA', '5', 'EA']]),
  });

  await lab.dials('partner', { acknowledge: { '855': 'reject' } });
  leave('855-2.edi', acknowledgment855(2));
  await vi.waitFor(() => expect(inbox()).toContain('997-2.edi'), { timeout: 5_000 });
  expect(readFileSync(join(dir, 'partners', 'C100', 'in', '997-2.edi'), 'utf8')).toContain('AK9*R*1*1*0~');

  await lab.dials('partner', { acknowledge: { default: 'none' } });
  leave('855-3.edi', acknowledgment855(3));
  await vi.waitFor(() => expect(lab.logs('partner').filter(({ kind }) => kind === 'file.read')).toHaveLength(3), {
    timeout: 5_000,
  });
  expect(inbox()).toEqual(['997-1.edi', '997-2.edi']);
});

test('it reads a file once, also after a restart, and goes on counting its control numbers', async () => {
  leave('855-1.edi', acknowledgment855(1));
  await vi.waitFor(() => expect(inbox()).toEqual(['997-1.edi']), { timeout: 5_000 });
  await lab.kill('partner');
  await lab.start('partner');
  const lines = [{ sku: 'LED', quantity: '1', uom: 'EA', price: '18.00' }];
  await lab.control('partner', 'POST', '/_orders', { lines });
  expect(inbox()).toEqual(['850-2.edi', '997-1.edi']);
  expect(lab.logs('partner').filter(({ kind }) => kind === 'file.read')).toHaveLength(1);
});
