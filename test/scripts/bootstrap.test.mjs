import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInstalled, root, withLock } from '../../scripts/bootstrap.mjs';
import { findChromium } from '../../scripts/find-chromium.mjs';
import { countResults, parseSummary, summaryLine } from '../../scripts/suites.mjs';

let dir;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bootstrap-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('isInstalled', () => {
  const wanted = {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.2.0' },
    'node_modules/mac-only': { version: '3.0.0', optional: true },
  };
  const lock = (file, packages) => writeFileSync(join(dir, file), JSON.stringify({ packages }));
  const install = (packages) => {
    mkdirSync(join(dir, 'node_modules/node/bin'), { recursive: true });
    writeFileSync(join(dir, 'node_modules/node/bin/node'), '');
    lock('node_modules/.package-lock.json', packages);
  };

  it('is false in a fresh clone', () => {
    lock('package-lock.json', wanted);
    expect(isInstalled(dir)).toBe(false);
  });

  it('is true with every package in its version; one for another system may be missing', () => {
    lock('package-lock.json', wanted);
    install({ 'node_modules/a': { version: '1.2.0' } });
    expect(isInstalled(dir)).toBe(true);
  });

  it.each([
    ['another version', { 'node_modules/a': { version: '1.1.0' } }],
    ['a package missing', {}],
  ])('is false with %s', (_, packages) => {
    lock('package-lock.json', wanted);
    install(packages);
    expect(isInstalled(dir)).toBe(false);
  });

  it('is false when the installation was interrupted', () => {
    lock('package-lock.json', wanted);
    install(wanted);
    rmSync(join(dir, 'node_modules/node'), { recursive: true });
    expect(isInstalled(dir)).toBe(false);
  });
});

describe('withLock', () => {
  it('lets one work at a time', async () => {
    const seen = [];
    const work = (name) => () => {
      seen.push(`${name} in`);
      return new Promise((resolve) => setImmediate(() => resolve(seen.push(`${name} out`))));
    };
    await Promise.all([withLock(`test-${process.pid}`, work('a')), withLock(`test-${process.pid}`, work('b'))]);
    expect(seen).toEqual(['a in', 'a out', 'b in', 'b out']);
  });
});

describe('results', () => {
  const file = (status, ...statuses) => ({
    name: join(root, 'src/x.test.ts'),
    status,
    assertionResults: statuses.map((each) => ({ status: each, fullName: 'x works' })),
  });

  it('count tests, and a file that breaks outside of a test as one failure', () => {
    const report = {
      testResults: [file('passed', 'passed', 'skipped'), file('failed', 'passed', 'failed', 'failed'), file('failed')],
    };
    expect(countResults(report)).toEqual({ passed: 2, failed: 3, skipped: ['src/x.test.ts > x works'] });
  });

  it('are said in one line that can be read back', () => {
    expect(summaryLine({ passed: 812, failed: 0, skipped: [] })).toBe('812 passed, 0 failed');
    expect(parseSummary('3 passed, 1 failed, 2 skipped')).toEqual({ passed: 3, failed: 1, skippedCount: 2 });
    expect(parseSummary('npm error')).toBeUndefined();
  });
});

describe('findChromium', () => {
  it('takes the first on the path, and CHROMIUM_PATH before all', () => {
    const program = join(dir, 'chromium');
    writeFileSync(program, '');
    chmodSync(program, 0o755);
    expect(findChromium({ PATH: `/nowhere:${dir}` })).toBe(program);
    expect(findChromium({ PATH: dir, CHROMIUM_PATH: '/nowhere/chromium' })).toBeUndefined();
  });
});

describe('bin/crossdock', () => {
  it('passes the exit status on, and keeps standard output for results', () => {
    const result = spawnSync(process.execPath, [join(root, 'bin/crossdock'), 'no-such-command'], { encoding: 'utf8' });
    expect(result.status).toBeGreaterThan(0);
    expect(result.stdout).toBe('');
    expect(result.stderr).not.toBe('');
  });
});
