/**
 * The long form of the fault suite: `npm run faults -- --minutes 30 --seed 7 [--only random-kills,sigstop] [--points completion]`. Portions of
 * every kind in turn, the one furthest from its aim first, until the time is up; a scorecard on standard output; one line
 * per kind in docs/reference/reliability-runs.md and the sums in docs/reference/reliability.md (`--record false`: none).
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import setUpServer from '../harness/global-setup.ts';
import { countFindings } from './invariants/violation.ts';
import { faultKinds } from './kinds/index.ts';
import { brokenOff, type FaultKind, type KindResult } from './kinds/kind.ts';
import { crashPoints } from './crash/crash-points.ts';
import { addUp, readRuns, type RecordedRun, writeRuns, writeSums } from './recorded-runs.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string' },
    /** Crash points by their kinds, e.g. `completion,settlement`, instead of all; without `--only` nothing else. */
    points: { type: 'string' },
    /** Faults at a time, instead of each kind's own portion. */
    portion: { type: 'string' },
    /** How many portions at most. */
    portions: { type: 'string', default: 'Infinity' },
    record: { type: 'string', default: 'true' },
    /** The folder of reliability.md and reliability-runs.md. */
    into: { type: 'string', default: fileURLToPath(new URL('../../docs/reference', import.meta.url)) },
  },
});
const sumsFile = join(values.into, 'reliability.md');
const runsFile = join(values.into, 'reliability-runs.md');
const firstSeed = Number(values.seed);
const deadlineMs = Date.now() + Number(values.minutes) * 60_000;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const wantedPoints = values.points?.split(',');
const unknownPoint = wantedPoints?.find((kind) => !crashPoints.some((point) => point.startsWith(`${kind}:`)));
if (unknownPoint !== undefined) {
  const known = new Set(crashPoints.map((point) => point.split(':')[0]));
  throw new Error(`no crash point is of the kind ${unknownPoint}; there are ${[...known].join(', ')}`);
}

function chosenKinds(): FaultKind[] {
  const names = (values.only ?? (wantedPoints === undefined ? undefined : 'crash-points'))?.split(',');
  const unknown = names?.find((name) => !faultKinds.some((kind) => kind.name === name));
  if (unknown !== undefined) {
    throw new Error(
      `no kind of fault is called ${unknown}; there are ${faultKinds.map(({ name }) => name).join(', ')}`,
    );
  }
  return faultKinds.filter((kind) => {
    if (names?.includes(kind.name) === false) return false;
    const why = kind.skip?.();
    if (why !== undefined) say(`skipped: ${kind.name}: ${why}`);
    return why === undefined;
  });
}

/** How far each kind is, earlier runs included: the one furthest behind its aim is next. */
function progressSoFar(): Map<string, number> {
  const done = new Map<string, number>();
  for (const run of readRuns(readFileSync(runsFile, 'utf8'))) {
    done.set(run.kind, (done.get(run.kind) ?? 0) + run.faults);
  }
  return done;
}

function tell(kind: FaultKind, seed: number, result: KindResult, tookMs: number): void {
  const { faults, sent, acknowledged, inErp, lost, doubled, worstRecoveryMs, findings, notes } = result;
  say(
    `${new Date().toISOString().slice(11, 19)} ${kind.name} seed ${seed}: ${faults} faults in ${Math.round(tookMs / 1_000)} s, ` +
      `${sent} sent, ${acknowledged} acknowledged, ${inErp} in the ERP, lost ${lost}, doubled ${doubled}, ` +
      `worst recovery ${(worstRecoveryMs / 1_000).toFixed(1)} s${notes.length > 0 ? `; ${notes.join('; ')}` : ''}`,
  );
  for (const [invariant, violations] of Object.entries(findings)) {
    for (const violation of violations) say(`  VIOLATED ${invariant}: ${violation}`);
  }
}

const version = (): string => {
  const { version: number } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  try {
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    return `${number} ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd, encoding: 'utf8' }).trim()}`;
  } catch {
    return number;
  }
};

const ranAs = version();
const results = new Map<FaultKind, KindResult[]>();
/** One row per kind for this run; written again after every portion, so that a run that is cut short is recorded too. */
const runId = { date: new Date().toISOString().slice(0, 16).replace('T', ' '), version: ranAs, seed: firstSeed };

function recordedRuns(): RecordedRun[] {
  return [...results].map(([kind, all]) => ({
    ...runId,
    kind: kind.name,
    ...addUp(all),
    violations: all.reduce((sum, { findings }) => sum + countFindings(findings), 0),
  }));
}

function record(): void {
  if (values.record === 'false') return;
  const document = readFileSync(runsFile, 'utf8');
  const others = readRuns(document).filter((run) => run.date !== runId.date || run.seed !== runId.seed);
  const runs = [...others, ...recordedRuns()];
  writeFileSync(runsFile, writeRuns(document, runs));
  writeFileSync(sumsFile, writeSums(readFileSync(sumsFile, 'utf8'), runs, faultKinds));
}

function scorecard(): void {
  for (const {
    kind,
    faults,
    sent,
    acknowledged,
    inErp,
    lost,
    doubled,
    violations,
    worstRecoveryMs,
  } of recordedRuns()) {
    console.log(
      `${kind.padEnd(16)} ${String(faults).padStart(7)} faults  ${sent} sent  ${acknowledged} acknowledged  ${inErp} in the ERP  ` +
        `lost ${lost}  doubled ${doubled}  violations ${violations}  worst recovery ${(worstRecoveryMs / 1_000).toFixed(1)} s`,
    );
  }
}

const kinds = chosenKinds();
const before = progressSoFar();
const tearDown = await setUpServer();
let failed = 0;
try {
  say(`seed ${firstSeed}, ${values.minutes} minutes, version ${ranAs}: ${kinds.map(({ name }) => name).join(', ')}`);
  for (let portion = 0; Date.now() < deadlineMs && portion < Number(values.portions) && kinds.length > 0; portion++) {
    const share = (kind: FaultKind): number =>
      ((before.get(kind.name) ?? 0) + addUp(results.get(kind) ?? []).faults) / kind.aim;
    const kind = kinds.toSorted((a, b) => share(a) - share(b))[0]!;
    const seed = firstSeed + portion;
    const startedMs = performance.now();
    try {
      const result = await kind.run({
        seed,
        faults: Number(values.portion ?? kind.portion),
        points: wantedPoints,
      });
      results.set(kind, [...(results.get(kind) ?? []), result]);
      tell(kind, seed, result, performance.now() - startedMs);
      failed += countFindings(result.findings);
      record();
    } catch (error) {
      failed++;
      // A portion of which nothing is known is the worst of all: the tables must not be without it.
      results.set(kind, [...(results.get(kind) ?? []), brokenOff(error)]);
      record();
      say(
        `${kind.name} seed ${seed} broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
  }
} finally {
  await tearDown?.();
}
scorecard();
console.log(failed === 0 ? 'every invariant held' : `${failed} violations or broken runs`);
process.exitCode = failed === 0 ? 0 : 1;
