/** `src/edi` alone in an empty folder, packed as a package, runs the guide's example: it needs nothing of the hub. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LEAST_850, x12 } from './samples.ts';

const SOURCE = join(import.meta.dirname, '../../src/edi');
const GUIDE = join(import.meta.dirname, '../../docs/guides/edi-in-ten-minutes.md');
const folder = mkdtempSync(join(tmpdir(), 'crossdock-edi-alone-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

test('nothing in it imports anything but itself', () => {
  let imports = 0;
  for (const file of files) {
    const text = readFileSync(join(SOURCE, file), 'utf8');
    for (const [, target] of text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      imports++;
      expect(target, file).toMatch(/^\.{1,2}\//);
      const inside = join(SOURCE, file, '..', target as string);
      expect(inside.startsWith(SOURCE), `${file} imports ${target}`).toBe(true);
    }
  }
  expect(imports).toBeGreaterThan(50);
});

/** The guide's first two examples, in order; `./src/edi` is where the package's sources lie. */
function guideExamples(): string[] {
  const guide = readFileSync(GUIDE, 'utf8');
  return [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code as string);
}

test("the guide's examples run from it alone", () => {
  mkdirSync(join(folder, 'src'), { recursive: true });
  cpSync(SOURCE, join(folder, 'src/edi'), { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'edi-alone', type: 'module', exports: './src/edi/index.ts' }),
  );
  writeFileSync(join(folder, 'orders.edi'), x12({ segments: LEAST_850, isa: { 14: '1' } }));
  const [reading, forms, acknowledging] = guideExamples() as [string, string, string];
  const run = (name: string, code: string): string => {
    writeFileSync(join(folder, name), code);
    return execFileSync(process.execPath, [name], { cwd: folder, encoding: 'utf8' });
  };
  expect(run('read.ts', reading)).toBe('850 0001 accepted []\n');
  const first = `
import { readFileSync } from 'node:fs';
import { readSync } from './src/edi/index.ts';
const document = [...readSync(readFileSync('orders.edi'))].find((event) => event.kind === 'document').document;
`;
  const shown = forms
    .replace(/^\[\.\.\.(.*?)\];.*$/m, 'console.log([...$1].length);')
    .replace(/^toGuide\(document\)\?\.body;.*$/m, 'console.log(toGuide(document)?.body.lines[0].PO1.quantity);');
  expect(run('forms.ts', first + shown)).toBe('5\n10\n');
  const owed = run(
    'acknowledge.ts',
    `import { createReadStream } from 'node:fs';\nconst send = (bytes) => console.log(new TextDecoder().decode(bytes));\n${acknowledging}`,
  );
  expect(owed).toContain('~AK1*PO*1~AK2*850*0001~AK5*A~AK9*A*1*1*1~');
  const byName = run(
    'by-name.ts',
    "import { definedTypes, lookup } from 'edi-alone';\nconsole.log(definedTypes().length, lookup('x12', '004010', '850').label);\n",
  );
  expect(byName).toBe('2 Purchase order\n');
});
