// Everything, for .ci/run: `npm test`, then the slower suites. Under 30 minutes; the last line is the sum.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureConsole, ensureInstalled, pinnedEnv, pinnedNode, root, runTool, say } from './bootstrap.mjs';
import { findChromium } from './find-chromium.mjs';
import { addResults, noResults, parseSummary, printSkipped, runVitest, summaryLine } from './suites.mjs';

const minuteMs = 60_000;
const deadlineMs = Date.now() + 29 * minuteMs;
const within = (minutes) => Math.max(Math.min(minutes * minuteMs, deadlineMs - Date.now()), 1000);

/** `npm test` as a person runs it; its last line is read back. */
function npmTest() {
  return new Promise((resolve) => {
    const child = spawn('npm', ['test'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      shell: process.platform === 'win32',
    });
    const timer = setTimeout(() => child.kill('SIGTERM'), within(20));
    let lastLine = '';
    let rest = '';
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      lastLine = lines.findLast((line) => line.trim() !== '') ?? lastLine;
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      const summary = parseSummary(rest.trim() === '' ? lastLine : rest);
      const results = { ...noResults(), passed: summary?.passed ?? 0, failed: summary?.failed ?? 1 };
      if (status !== 0 && results.failed === 0) results.failed = 1;
      for (let i = 0; i < (summary?.skippedCount ?? 0); i++) results.skipped.push('npm test (named above)');
      resolve(results);
    });
  });
}

function ensureChromium() {
  if (findChromium() !== undefined) return true;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) return false;
  say('Installing Chromium for the browser tests …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { stdio: ['ignore', 2, 2], env, timeout: within(6) };
  spawnSync('apt-get', ['update', '-q'], options);
  spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], options);
  return findChromium() !== undefined;
}

async function browserSuite() {
  if (!existsSync(join(root, 'test', 'browser'))) return noResults();
  if (!ensureChromium()) return { ...noResults(), skipped: ['browser suite: no Chromium on this machine'] };
  await ensureConsole();
  return runVitest(['--project', 'browser'], { timeoutMs: within(10) });
}

async function faultSuite() {
  if (!existsSync(join(root, 'test', 'faults'))) return noResults();
  return runVitest(['--project', 'faults'], {
    timeoutMs: within(16),
    env: { CROSSDOCK_KILLS: '100', CROSSDOCK_CRASHES: '54' },
  });
}

async function quickBench() {
  if (!existsSync(join(root, 'bench', 'index.ts'))) return noResults();
  // Figures of speed are for a quiet machine and for people; here only what no other work can disturb may fail.
  const options = ['bench/index.ts', '--quick', '--steady', '--only', 'intake'];
  const status = await runTool(pinnedNode(), options, { timeoutMs: within(6), env: pinnedEnv() });
  return { ...noResults(), passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 };
}

let results = noResults();
try {
  await ensureInstalled();
  for (const [name, suite] of Object.entries({
    'npm test': npmTest,
    browser: browserSuite,
    faults: faultSuite,
    bench: quickBench,
  })) {
    say(`== ${name}`);
    const startedMs = Date.now();
    const part = await suite();
    results = addResults(results, part);
    say(`== ${name}: ${summaryLine(part)} in ${Math.round((Date.now() - startedMs) / 1000)} s`);
  }
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  results.failed += 1;
}
printSkipped(results);
console.log(summaryLine(results));
process.exitCode = results.failed === 0 && results.passed > 0 ? 0 : 1;
