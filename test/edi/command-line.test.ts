import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { registerEdiCommands } from '../../src/cli/edi.ts';
import { ioOf } from '../../src/cli/edi-output.ts';
import { file, folder, run } from './run-command.ts';
import { LEAST_850, x12 } from './samples.ts';

const good = file('good.edi', x12({ segments: LEAST_850, isa: { 14: '1' } }));
const bad = file('bad.edi', x12({ segments: ['BEG*99*SA*PO1**20260601', ...LEAST_850.slice(1)] }));
const unknown = file('unknown.edi', x12({ segments: ['BXX*1'], type: '899', groupId: 'ZZ' }));
const text = file('text.txt', 'this is no EDI');

test('check: a line of JSON per file, and the exit code of the worst', async () => {
  const { code, out } = await run('check', good, bad, '--json');
  expect(code).toBe(1);
  const [first, second] = out.map((line) => JSON.parse(line));
  expect(first).toMatchObject({
    file: good,
    issues: [],
    interchanges: [
      {
        standard: 'x12',
        version: '00401',
        sender: { qualifier: 'ZZ', id: 'SENDER' },
        receiver: { qualifier: 'ZZ', id: 'RECEIVER' },
        control: '000000001',
        groups: [
          { type: 'PO', control: '1', documents: [{ type: '850', control: '0001', verdict: 'accepted', issues: [] }] },
        ],
        issues: [],
      },
    ],
  });
  expect(second.interchanges[0].groups[0].documents[0]).toMatchObject({
    verdict: 'accepted_with_errors',
    issues: [{ code: 'ELEMENT_BAD_CODE', segmentId: 'BEG', segmentOrdinal: 2, elementPosition: 1, value: '99' }],
  });
});

test('check: exit codes', async () => {
  expect((await run('check', good)).code).toBe(0);
  expect((await run('check', unknown)).code).toBe(0);
  expect((await run('check', bad)).code).toBe(1);
  expect((await run('check', text, '--json')).code).toBe(2);
  expect((await run('check', join(folder, 'absent.edi'), '--json')).code).toBe(2);
  const strict = await run('check', bad, '--json', '--strict');
  expect(JSON.parse(strict.out[0] as string).interchanges[0].groups[0].documents[0].verdict).toBe('rejected');
});

test('ack prints what is owed', async () => {
  const { code, out } = await run('ack', good);
  expect(code).toBe(0);
  expect(out.join('')).toBe(
    [
      'ISA*00*          *00*          *ZZ*RECEIVER       *ZZ*SENDER         *260602*1000*U*00401*000000001*0*T*>~',
      'TA1*000000001*260601*0900*A*000~',
      'GS*FA*APPR*APPS*20260602*1000*1*X*004010~',
      'ST*997*0001~',
      'AK1*PO*1~',
      'AK2*850*0001~',
      'AK5*A~',
      'AK9*A*1*1*1~',
      'SE*6*0001~',
      'GE*1*1~',
      'IEA*1*000000001~',
    ].join('\n'),
  );
});

test('read gives the canonical document, or says why there is none', async () => {
  const order = JSON.parse((await run('read', good, '--layer', 'canonical', '--json')).out[0] as string);
  expect(order.canonical).toMatchObject([
    { kind: 'order', value: { customer: 'SENDER', customerPo: expect.any(String) } },
  ]);
  const planning = join(import.meta.dirname, '../samples/edi/x12/830-planning.edi');
  const other = JSON.parse((await run('read', planning, '--layer', 'canonical', '--json')).out[0] as string);
  expect(other.unmapped.message).toContain('830');
});

test('read gives the layer asked for', async () => {
  const lossless = JSON.parse((await run('read', good, '--layer', 'lossless', '--json')).out[0] as string);
  expect(lossless.segments[1]).toEqual({ id: 'BEG', elements: ['00', 'SA', 'PO1', '', '20260601'], byteOffset: 159 });
  const guide = JSON.parse((await run('read', good, '--layer', 'guide', '--json')).out[0] as string);
  expect(guide.body.BEG).toEqual({ purpose: '00', type: 'SA', poNumber: 'PO1', date: '2026-06-01' });
  expect((await run('read', text)).code).toBe(2);
});

test('explain puts names, codes and errors in place', async () => {
  const shown = (await run('explain', bad)).out.join('\n');
  expect(shown).toContain('BEG Start of the purchase order');
  expect(shown).toContain('01 Purpose: 99');
  expect(shown).toContain('error ELEMENT_BAD_CODE');
  expect((await run('explain', good)).out.join('\n')).toContain('01 Purpose: 00 = original');
});

const OWN = {
  crossdockDefinition: 1,
  standard: 'x12',
  version: '004010',
  type: '899',
  functionalId: 'ZZ',
  elements: {
    '143': { type: 'ID', min: 3, max: 3, name: 'setId' },
    '329': { type: 'AN', min: 4, max: 9, name: 'control' },
    '96': { type: 'N0', min: 1, max: 10, name: 'segmentCount' },
    '900': { type: 'N0', min: 2, max: 2, name: 'kind' },
  },
  segments: {
    ST: {
      elements: [
        { element: '143', required: true },
        { element: '329', required: true },
      ],
    },
    BXX: { label: 'Start', elements: [{ element: '900', required: true }] },
    SE: {
      elements: [
        { element: '96', required: true },
        { element: '329', required: true },
      ],
    },
  },
  structure: [
    { segment: 'ST', min: 1 },
    { segment: 'BXX', min: 1 },
    { segment: 'SE', min: 1 },
  ],
};

test('explain: colours on a terminal only, and only where they are not declined', async () => {
  const shown = async (color: boolean, ...more: string[]) => {
    const out: string[] = [];
    const program = new Command('crossdock');
    registerEdiCommands(program, { out: (line) => out.push(line), setExitCode: () => {}, color });
    await program.parseAsync(['node', 'crossdock', 'edi', 'explain', bad, ...more]);
    return out.join('\n');
  };
  const coloured = await shown(true);
  expect(coloured).toContain('\u001b[1mBEG\u001b[0m Start of the purchase order');
  // The fault stands under its segment, in red.
  const lines = coloured.split('\n');
  const fault = lines.findIndex((line) => line.includes('\u001b[31merror ELEMENT_BAD_CODE'));
  expect(fault).toBeGreaterThan(lines.findIndex((line) => line.includes('BEG')));
  expect(fault).toBeLessThan(lines.findIndex((line) => line.includes('[1mPO1')));
  expect(await shown(true, '--no-color')).not.toContain('\u001b');
  expect(await shown(false)).not.toContain('\u001b');
});

test('import prints the definition or everything that is wrong with it; check, read and ack use it', async () => {
  const path = file('own.json', JSON.stringify(OWN));
  const made = await run('import', path, '--as', 'JSON');
  expect(made.code).toBe(0);
  expect(JSON.parse(made.out[0] as string)).toEqual(OWN);
  const checked = await run('check', unknown, '--json', '--definitions', path);
  expect(checked.code).toBe(1);
  expect(JSON.parse(checked.out[0] as string).interchanges[0].groups[0].documents[0]).toMatchObject({
    verdict: 'accepted_with_errors',
    issues: [{ code: 'ELEMENT_TOO_SHORT', segmentId: 'BXX', elementRef: '900' }],
  });
  const read = await run('read', unknown, '--json', '--definitions', path);
  expect(JSON.parse(read.out[0] as string).body).toEqual({ BXX: { kind: '1' } });
  expect((await run('ack', unknown, '--definitions', path)).out.join('')).toContain('AK4*1*900*4*1~');
  expect((await run('explain', unknown, '--definitions', path)).out.join('')).toContain('BXX Start');
  const broken = file('broken.json', JSON.stringify({ ...OWN, standard: 'x', type: '1' }));
  const refused = await run('import', broken);
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/\/standard: .*\n\/type: /);
  expect((await run('check', good, '--definitions', broken)).code).toBe(2);
  expect((await run('import', path, '--as', 'xml')).code).toBe(2);
});

const segmentsOf = (lines: readonly string[]) =>
  lines.map((line) => {
    const [id = '', ...elements] = line.split('*');
    return { id, elements };
  });

test('diff tells segments that differ; write writes what JSON says', async () => {
  expect((await run('diff', good, good)).code).toBe(0);
  const { code, out } = await run('diff', good, bad);
  expect(code).toBe(1);
  expect(out).toEqual([
    expect.stringMatching(/^- 1 \["ISA",/),
    expect.stringMatching(/^\+ 1 \["ISA",/),
    '- 4 ["BEG","00","SA","PO1","","20260601"]',
    '+ 4 ["BEG","99","SA","PO1","","20260601"]',
  ]);
  const input = {
    envelope: {
      sender: { qualifier: 'ZZ', id: 'A' },
      receiver: { qualifier: 'ZZ', id: 'B' },
      usage: 'T',
      version: '00401',
      control: '7',
      date: '2026-06-01',
      time: '09:00',
    },
    groups: [
      {
        functionalId: 'PO',
        control: '7',
        version: '004010',
        documents: [{ type: '850', control: '0001', segments: segmentsOf(LEAST_850) }],
      },
    ],
  };
  const written = await run('write', file('input.json', JSON.stringify(input)));
  expect(written.out.join('')).toContain(
    `GS*PO*A*B*20260601*0900*7*X*004010~ST*850*0001~${LEAST_850.join('~')}~SE*${LEAST_850.length + 2}*0001~GE*1*7~`,
  );
  input.groups[0]?.documents[0]?.segments.push({ id: 'REF', elements: ['A*B'] });
  expect((await run('write', file('delimiter.json', JSON.stringify(input)))).code).toBe(1);
});

test('colours are declined by NO_COLOR, and given only to a terminal', () => {
  const { isTTY } = process.stdout;
  const before = process.env.NO_COLOR;
  try {
    delete process.env.NO_COLOR;
    process.stdout.isTTY = true;
    expect(ioOf({}).color).toBe(true);
    process.env.NO_COLOR = '1';
    expect(ioOf({}).color).toBe(false);
    delete process.env.NO_COLOR;
    process.stdout.isTTY = false;
    expect(ioOf({}).color).toBe(false);
  } finally {
    process.stdout.isTTY = isTTY;
    if (before !== undefined) process.env.NO_COLOR = before;
  }
});

describe('what cannot be read', () => {
  const gone = join(folder, 'gone.edi');
  const nothing = file('nothing.edi', '');
  const wide = file('utf16.edi', Buffer.from(`\ufeff${x12({ segments: LEAST_850 })}`, 'utf16le'));

  test.each([
    ['a missing file', gone],
    ['a folder', folder],
    ['an empty file', nothing],
    ['UTF-16', wide],
    ['text', text],
  ])('%s: exit code 2, and only JSON on standard output', async (_name, path) => {
    for (const verb of ['check', 'ack', 'read', 'explain']) {
      const { code, out } = await run(verb, path, ...(verb === 'explain' ? [] : ['--json']));
      expect(code, verb).toBe(2);
      if (verb === 'explain') continue;
      for (const line of out) expect(() => JSON.parse(line) as unknown, verb).not.toThrow();
      if (verb === 'read') expect(JSON.parse(out[0] as string)).toMatchObject({ error: expect.any(String) });
      else expect(JSON.parse(out[0] as string)).toMatchObject({ issues: expect.arrayContaining([expect.anything()]) });
    }
  });

  test('one file of several: the others are checked, and the worst decides', async () => {
    const { code, out } = await run('check', good, gone, bad, '--json');
    expect(code).toBe(2);
    expect(out.map((line) => (JSON.parse(line) as { file: string }).file)).toEqual([good, gone, bad]);
  });

  test('UTF-16 is named as what it is', async () => {
    expect((await run('check', wide)).out.join('')).toContain('UTF-16');
  });
});

test('an interchange of nothing but TA1 is read, and holds no document', async () => {
  const only = x12({ segments: [], gs: '', se: '', ge: '', iea: 'IEA*0*000000001' })
    .replace('ST*850*0001~', '')
    .replace('IEA', 'TA1*000000077*260601*0900*A*000~IEA');
  const { code, err, out } = await run('read', file('ta1.edi', only), '--json');
  expect([code, out]).toEqual([0, []]);
  expect(err).toContain('no document');
});

test('an interchange of TA1 alone may count one group in IEA01, where it is not read strictly', async () => {
  const only = x12({ segments: [], gs: '', se: '', ge: '', iea: 'IEA*1*000000001' })
    .replace('ST*850*0001~', '')
    .replace('IEA', 'TA1*000000077*260601*0900*A*000~IEA');
  const sent = file('ta1-of-one.edi', only);
  expect((await run('check', sent)).code).toBe(0);
  expect((await run('check', sent, '--strict')).code).toBe(1);
  const nothing = file('nothing-of-one.edi', only.replace(/TA1[^~]*~/, ''));
  expect((await run('check', nothing)).code).toBe(1);
});

test.each([
  ['{}', 'envelope'],
  ['[]', 'envelope'],
  ['{"envelope":{}}', 'sender'],
  ['{"envelope":{"sender":{},"receiver":{}}}', 'groups'],
  ['{"envelope":{"sender":{},"receiver":{}},"groups":[{}]}', 'documents'],
  ['no JSON', 'JSON'],
])('write tells what is missing in %s', async (json, told) => {
  const { code, err } = await run('write', file('broken-write.json', json));
  expect(code).toBe(2);
  expect(err).toContain(told);
});

test('whoever stops reading early ends the command without a fault', async () => {
  const many = file('many.edi', x12({ segments: LEAST_850 }).repeat(3000));
  const main = join(import.meta.dirname, '../../src/main.ts');
  const child = spawn(process.execPath, [main, 'edi', 'read', '--json', many], { stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = (await once(child, 'exit')) as [number];
  expect(told).toBe('');
  expect(code).toBe(0);
});
