import { describe, expect, it } from 'vitest';
import { anchorsOf, brokenLinks, missingPaths, termsOf } from './documents.ts';
import { judgeImport, readImports } from './import-rules.ts';
import { measureFunctions } from './measure-functions.ts';

const lines = (count: number): string => '  x();\n'.repeat(count);

describe('measureFunctions', () => {
  const measure = (text: string) =>
    Object.fromEntries(measureFunctions('sample.ts', text).map((fn) => [fn.name, fn.ownLines]));

  it('counts from the head to the closing brace', () => {
    expect(measure(`function plain(a: number): void {\n${lines(5)}}\n`)).toEqual({ plain: 7 });
  });

  it('counts the lines of an inner function for the inner one alone', () => {
    const text = `const outer = () => {\n${lines(3)}  const inner = () => {\n${lines(10)}  };\n${lines(2)}};\n`;
    expect(measure(text)).toEqual({ outer: 8, inner: 12 });
  });

  it('measures methods, and closures in arguments and objects', () => {
    const text = `class A {\n  one() {\n${lines(2)}  }\n  #two = async () => {\n${lines(4)}  };\n}\nrun({ key: function () {\n${lines(1)}} });\n`;
    expect(measure(text)).toEqual({ one: 4, two: 6, key: 3 });
  });

  it('leaves out the callback of describe, but not the tests in it', () => {
    const text = `describe.each([1])('x', () => {\n${lines(90)}  it('y', () => {\n${lines(80)}  });\n});\n`;
    expect(Object.values(measure(text))).toEqual([82]);
  });

  it('fails on what it cannot read', () => {
    expect(() => measure('function (')).toThrow(/does not parse/);
  });
});

describe('readImports', () => {
  it('finds every way to import', () => {
    const text = `
      import a from './a.ts';
      import type { B } from '../b/index.ts';
      export { c } from './c.ts';
      export * from './d.ts';
      const e = await import('./e.ts');
      type F = import('./f.ts').F;
      import 'pg';`;
    const found = readImports('src/room/file.ts', text).map((item) => [item.to, item.typeOnly]);
    expect(found.toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([
      ['pg', false],
      ['src/b/index.ts', true],
      ['src/room/a.ts', false],
      ['src/room/c.ts', false],
      ['src/room/d.ts', false],
      ['src/room/e.ts', false],
      ['src/room/f.ts', true],
    ]);
  });
});

describe('judgeImport', () => {
  const judge = (from: string, to: string, typeOnly = false) => judgeImport({ from, to, typeOnly });

  it.each([
    ['src/orders/a.ts', 'src/events/index.ts'],
    ['src/orders/a.ts', 'src/orders/b.ts'],
    ['src/app/start-hub.ts', 'src/api/index.ts'],
    ['src/main.ts', 'src/cli/index.ts'],
    ['src/cli/run-hub.ts', 'src/app/index.ts'],
    ['src/maps/a.ts', 'src/edi/index.ts'],
    ['src/edi/a.ts', 'src/edi/x12/850.ts'],
    ['src/api/a.ts', 'fastify'],
    ['lab/a.ts', 'src/queue/step/lane.ts'],
    ['test/a.ts', 'src/queue/step/lane.ts'],
    ['console/a.tsx', 'react'],
  ])('allows %s → %s', (from, to) => expect(judge(from, to)).toBeUndefined());

  it.each([
    ['src/platform/a.ts', 'src/model/index.ts', /point down/],
    ['src/orders/a.ts', 'src/inventory/index.ts', /neighbour/],
    ['src/orders/a.ts', 'src/edi/index.ts', /business and traffic/],
    ['src/orders/a.ts', 'src/events/event.ts', /index\.ts/],
    ['src/edi/a.ts', 'src/platform/index.ts', /imports nothing/],
    ['src/edi/a.ts', 'big.js', /imports nothing/],
    ['src/maps/a.ts', 'src/platform/index.ts', /only edi and model/],
    ['src/flows/a.ts', 'fastify', /Fastify/],
    ['src/orders/a.ts', 'pg', /driver/],
    ['src/queue/a.ts', 'lab/erp.ts', /never imports lab/],
    ['src/newroom/a.ts', 'src/platform/index.ts', /no row/],
    ['src/queue/a.ts', '../elsewhere/a.ts', /out of the repository/],
    ['console/a.tsx', 'src/model/index.ts', /contract/],
  ])('refuses %s → %s', (from, to, reason) => expect(judge(from, to)).toMatch(reason));

  it('holds type imports to the same rules', () => {
    expect(judge('src/platform/a.ts', 'src/model/index.ts', true)).toMatch(/point down/);
  });

  it('gives the console the types of the contract alone', () => {
    expect(judge('console/a.ts', 'src/api/contract.ts', true)).toBeUndefined();
    expect(judge('console/a.ts', 'src/api/contract.ts', false)).toMatch(/only types/);
  });
});

describe('documents', () => {
  it('have the anchors that GitHub makes of their headings', () => {
    const text = '# What it costs, in µs\n## `edi check` [here](x.md)\n## Twice\n```sh\n# a comment\n```\n## Twice\n';
    expect([...anchorsOf(text)]).toEqual(['what-it-costs-in-µs', 'edi-check-here', 'twice', 'twice-1']);
  });

  it('are told which links lead to no file or to no heading', () => {
    const text = '## Here\n[a](#here) [b](#there) [c](nowhere.md) [d](CONTRIBUTING.md#tests) [e](CONTRIBUTING.md#rest)';
    expect(brokenLinks('README.md', text)).toEqual([
      'README.md → #there',
      'README.md → nowhere.md',
      'README.md → CONTRIBUTING.md#rest',
    ]);
  });

  it('are told which paths they name that are not there', () => {
    const text = '`src/main.ts`, `src/gone.ts`, `src/<room>/index.ts`, `src/*.ts`, `console/dist`';
    expect(missingPaths('README.md', text)).toEqual(['README.md: src/gone.ts']);
  });

  it('give the words of a glossary by section', () => {
    const table = '| Word | Meaning |\n|---|---|\n';
    expect(termsOf(`# G\n## A\n${table}| key | k |\n| lane | l |\n## B\n${table}| door | d |\n`)).toEqual([
      ['key', 'lane'],
      ['door'],
    ]);
  });
});
