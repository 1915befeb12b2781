import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventCatalog } from '../src/events/event-catalog.ts';
import { exceptionCatalog } from '../src/exceptions/exception-catalog.ts';
import { errorCatalog } from '../src/platform/error-catalog.ts';
import { unopenedExceptions, unpublishedEvents, unraisedErrors, withoutMentions } from './tidy/announced-names.ts';
import { completeLists } from './tidy/complete-lists.ts';
import { brokenLinks, missingPaths, termsOf } from './tidy/documents.ts';
import { judgeImport, readImports, roomOf } from './tidy/import-rules.ts';
import { measureFunctions } from './tidy/measure-functions.ts';
import { isData, isTest, listCode, listFiles, readText, root } from './tidy/source-files.ts';

const longestFunction = 70;
const longestFile = 400;
const code = listCode();
const sources = code.filter((path) => /\.(ts|tsx)$/.test(path));

describe('size', () => {
  it('reads the house', () => {
    expect(code.length).toBeGreaterThan(50);
  });

  it(`keeps files to ${longestFile} lines`, () => {
    const long = code
      .filter((path) => !isData(path))
      .map((path) => `${path}: ${readText(path).trimEnd().split('\n').length}`)
      .filter((entry) => Number(entry.split(': ')[1]) > longestFile);
    expect(long).toEqual([]);
  });

  it(`keeps functions to ${longestFunction} lines of their own`, () => {
    const long = code
      .filter((path) => !isData(path))
      .flatMap((path) => measureFunctions(path, readText(path)).map((fn) => ({ path, ...fn })))
      .filter((fn) => fn.ownLines > longestFunction)
      .map((fn) => `${fn.path}:${fn.line} ${fn.name}: ${fn.ownLines}`);
    expect(long).toEqual([]);
  });
});

describe('names', () => {
  it('are kebab-case', () => {
    // React's file-based conventions aside, one way of writing names is enough.
    const wrong = code.filter((path) => !/^([a-z0-9.-]+\/)*[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(path));
    expect(wrong).toEqual([]);
  });

  it('say what is inside', () => {
    const empty = /(^|[/.-])(utils?|helpers?|managers?|common|misc|stuff)([/.-]|$)/;
    expect(listFiles().filter((path) => !path.startsWith('docs/') && empty.test(path))).toEqual([]);
  });
});

describe('imports', () => {
  const imports = sources.flatMap((path) => readImports(path, readText(path)));
  const own = imports.filter((item) => roomOf(item.from) !== undefined);

  it('were read', () => {
    expect(sources.filter((path) => roomOf(path) !== undefined).length).toBeGreaterThan(20);
    expect(own.filter((item) => item.to.startsWith('src/')).length).toBeGreaterThan(50);
  });

  it('point down and enter rooms by their index.ts', () => {
    const wrong = imports
      .filter((item) => !isTest(item.from))
      .flatMap((item) => {
        const reason = judgeImport(item);
        return reason === undefined ? [] : [`${item.from} → ${item.to}: ${reason}`];
      });
    expect(wrong).toEqual([]);
  });

  it('name files that exist, with their extension', () => {
    const missing = imports
      .filter((item) => /^(src|lab|test|bench|scripts|console)\//.test(item.to))
      .filter((item) => !existsSync(join(root, item.to.replace(/\?.*$/, ''))) || !/\.\w+$/.test(item.to))
      .map((item) => `${item.from} → ${item.to}`);
    expect(missing).toEqual([]);
  });
});

describe('lists are complete', () => {
  it.each(completeLists)('$what', ({ files, marker, lists }) => {
    const declared = listFiles()
      .filter((path) => files.test(path) && !isTest(path))
      .filter((path) => marker === undefined || marker.test(readText(path)))
      .filter((path) => !lists.includes(path));
    const listed = new Set(lists.flatMap((list) => readImports(list, readText(list)).map((item) => item.to)));
    expect(declared.length, 'the row matches no file: is its pattern still right?').toBeGreaterThan(0);
    expect(declared.filter((path) => !listed.has(path))).toEqual([]);
  });
});

describe('exceptions are announced', () => {
  // What opens or ends them without the event; subscribers would never hear of it.
  const silent = /\b(?:openExceptions|resolveExceptions|closeObligations)\b/;
  const mayUse = (path: string): boolean =>
    isTest(path) || path.startsWith('src/exceptions/') || path === 'src/flows/raise-exceptions.ts';

  it('by whoever opens or ends one, in src/flows/raise-exceptions.ts', () => {
    const product = sources.filter((path) => path.startsWith('src/') && !mayUse(path));
    expect(product.filter((path) => silent.test(readText(path)))).toEqual([]);
    expect(readText('src/flows/raise-exceptions.ts')).toMatch(silent);
  });
});

describe('catalogs promise what the product does', () => {
  it('every event is published somewhere', () => {
    expect(Object.keys(eventCatalog).length).toBeGreaterThan(40);
    expect(unpublishedEvents(Object.keys(eventCatalog))).toEqual([]);
    expect(unpublishedEvents(['sales.order.imagined'])).toEqual(['sales.order.imagined']);
  });

  it('every exception code is opened somewhere', () => {
    expect(Object.keys(exceptionCatalog).length).toBeGreaterThan(40);
    expect(unopenedExceptions(Object.keys(exceptionCatalog))).toEqual([]);
    expect(unopenedExceptions(['IMAGINED'])).toEqual(['IMAGINED']);
  });

  it('every error code is raised somewhere', () => {
    expect(Object.keys(errorCatalog).length).toBeGreaterThan(40);
    expect(unraisedErrors(Object.keys(errorCatalog))).toEqual([]);
    expect(unraisedErrors(['IMAGINED'])).toEqual(['IMAGINED']);
  });

  it('where a name is only listened for, it is not published', () => {
    const text = "on: ['a.b.c', 'a.b.d'],\n if (type === 'a.b.e') {}\n  'a.b.f': 'x',\n publish({ type: 'a.b.g' })";
    expect(withoutMentions(text).match(/a\.b\.\w/g)).toEqual(['a.b.g']);
  });
});

describe('documents', () => {
  it('ARCHITECTURE.md lists the rooms that there are', () => {
    const listing = /```\n(src\/[\s\S]*?)```/.exec(readText('ARCHITECTURE.md'))?.[1] ?? '';
    const named = [...listing.matchAll(/^ {2}([a-z0-9-]+)\/ /gm)].map((match) => match[1] ?? '');
    const real = new Set(code.flatMap((path) => /^src\/([^/]+)\//.exec(path)?.[1] ?? []));
    expect(named.toSorted((a, b) => a.localeCompare(b))).toEqual([...real].toSorted((a, b) => a.localeCompare(b)));
  });

  const documents = listFiles().filter((path) => path.endsWith('.md'));

  it('link to files and headings that exist', () => {
    expect(documents.flatMap((path) => brokenLinks(path))).toEqual([]);
  });

  it('name paths that exist', () => {
    // What the changelog tells of may be gone, and so may what an old decision was about.
    const timeless = documents.filter((path) => path !== 'CHANGELOG.md' && !path.startsWith('docs/adr/'));
    expect(timeless.flatMap((path) => missingPaths(path))).toEqual([]);
  });

  it('explain each word once, in alphabetical order', () => {
    const sections = termsOf(readText('docs/glossary.md'));
    const words = sections.flat().flatMap((term) => term.replace(/ \(.*/, '').split(', '));
    expect(words.length).toBeGreaterThan(60);
    expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
    const sorted = sections.map((terms) => terms.toSorted((one, other) => one.localeCompare(other, 'en')));
    expect(sections).toEqual(sorted);
  });
});

describe('what no file says', () => {
  const texts = listFiles().filter((path) => /\.(ts|tsx|mjs|js|json|md|sql|yaml|yml|css|html|sh)$/.test(path));

  it('where the packages were fetched from', () => {
    const packages = Object.values(
      (JSON.parse(readText('package-lock.json')) as { packages: Record<string, { resolved?: string }> }).packages,
    );
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.flatMap((entry) => entry.resolved ?? [])).toEqual([]);
  });

  it('a folder of one machine', () => {
    const machinePath = /(?<![\w.:/-])\/(?:home|Users|root|work|mnt)\/[\w.-]+/;
    const found = texts.flatMap((path) => {
      const match = machinePath.exec(readText(path));
      return match === null ? [] : [`${path}: ${match[0]}`];
    });
    expect(found).toEqual([]);
  });

  it('process.env, but for the one place that hands it to loadConfig', () => {
    // PostgreSQL's processes get the environment passed on, without the variables that would confuse them.
    const allowed = /^src\/(cli\/[^/]+|platform\/postgres-home)\.ts$/;
    const readers = sources.filter((path) => path.startsWith('src/') && !isTest(path) && !allowed.test(path));
    expect(readers.filter((path) => readText(path).includes('process.env'))).toEqual([]);
  });

  it("the number in a sequence's own row, which is not what has been handed out (last-of-sequence.ts)", () => {
    const names = listFiles()
      .filter((path) => path.startsWith('migrations/'))
      .flatMap((path) => [...readText(path).matchAll(/CREATE SEQUENCE (\w+)/g)].map((match) => match[1]));
    expect(names).toContain('delivery_position');
    const ownRow = new RegExp(`\\b(?:FROM|JOIN)\\s+(?:${names.join('|')})\\b`, 'i');
    expect(sources.filter((path) => path.startsWith('src/') && ownRow.test(readText(path)))).toEqual([]);
  });

  it('what is to be done without the issue that says so', () => {
    const marker = /\b(?:TODO|FIXME)\b(?!\(#\d+\))/;
    expect(code.filter((path) => path !== 'test/tidy.test.ts' && marker.test(readText(path)))).toEqual([]);
  });
});
