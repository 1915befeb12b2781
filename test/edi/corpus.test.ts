/**
 * Other projects' files, with their flaws, against a table of verdicts with the reason for each. The files stay outside
 * the project: their folder is named by CROSSDOCK_EDI_CORPUS, and without it only the table itself is checked.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { acknowledge, collect, type Issue, readSync, toGuide } from '../../src/edi/index.ts';
import table from './corpus-verdicts.json' with { type: 'json' };

interface Expected {
  reason: string;
  interchanges: {
    status: string;
    faults: string[];
    groups: { status: string; faults: string[]; documents: string[] }[];
  }[];
}

const verdicts = table as Record<string, Expected>;
const corpus = process.env.CROSSDOCK_EDI_CORPUS ?? '';
const present = corpus !== '' && existsSync(corpus);

const faults = (issues: readonly Issue[]) => [
  ...new Set(issues.filter(({ severity }) => severity === 'error').map(({ code }) => code)),
];

test('every verdict has its reason', () => {
  for (const [file, { reason }] of Object.entries(verdicts)) expect(reason.length, file).toBeGreaterThan(10);
});

test.skipIf(present)(
  `the corpus (${Object.keys(verdicts).length} files): set CROSSDOCK_EDI_CORPUS to its folder`,
  (context) => {
    context.skip();
  },
);

// Without the files there is one skip that says so, instead of one for each of them.
(present ? describe : () => {})('the corpus', () => {
  test('has a verdict for every file', () => {
    const files = readdirSync(corpus, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
      .map((entry) => join(entry.parentPath, entry.name).slice(corpus.length + (corpus.endsWith('/') ? 0 : 1)));
    expect(files.sort()).toEqual(Object.keys(verdicts).sort());
  });

  test.each(Object.entries(verdicts))('%s', async (file, expected) => {
    const bytes = readFileSync(join(corpus, file));
    const { interchanges } = await collect(bytes);
    expect(
      interchanges.map(({ groups, interchange }) => ({
        status: interchange.status,
        faults: faults(interchange.issues),
        groups: groups.map(({ documents, group }) => ({
          status: group.status,
          faults: faults(group.issues),
          documents: documents.map(({ issues, type, verdict }) => [type, verdict, ...faults(issues)].join(' ')),
        })),
      })),
    ).toEqual(expected.interchanges);
  });

  test.each(Object.keys(verdicts))('%s reads into every layer and is acknowledged', async (file) => {
    const bytes = readFileSync(join(corpus, file));
    for (const event of readSync(bytes)) {
      if (event.kind !== 'document') continue;
      let segments = 0;
      for (const segment of event.document.segments()) {
        segments++;
        expect(segment.byteOffset).toBeLessThan(bytes.length);
      }
      expect(segments).toBe(event.document.segmentCount);
      if (event.document.definition !== undefined) expect(toGuide(event.document)?.type).toBe(event.document.type);
    }
    const { interchanges } = await collect(bytes);
    for (const checked of interchanges) {
      const controls = { interchange: '1', group: '1' };
      const made = acknowledge(checked, { controls, date: '2026-06-02', time: '10:00', ta1: 'always' });
      if (made === undefined) continue;
      // What we send is itself right.
      const again = await collect(made.bytes, { strict: true });
      const own = again.interchanges[0];
      expect(own?.interchange.issues.filter(({ segmentId }) => segmentId !== 'ISA' && segmentId !== 'UNB')).toEqual([]);
      if (made.kinds.includes('997'))
        for (const { documents } of own?.groups ?? [])
          for (const document of documents) expect(document.verdict, JSON.stringify(document.issues)).toBe('accepted');
    }
  });
});
