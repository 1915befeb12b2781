import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../tidy/source-files.ts';
import type { Mutation } from './mutation.ts';
import { findMutation, mutations } from './mutations.ts';
import { recordRun } from './recorded-run.ts';
import { runSeeds } from './run-seeds.ts';
import { type Score, judgePlan, planOf } from './score.ts';
import { shrinkPlan } from './shrink-plan.ts';
import { drainBoundMs, livenessBoundMs } from './simulate.ts';

/**
 * The long form of the simulation: `npm run simulate -- --seeds 10000`. The last line is the scorecard as JSON; `--record`
 * writes it into docs/reference/simulation.md. `--seed 7` alone tells that seed's story, with `--shrink` of the smallest
 * plan that fails as it does; with `--seeds` it is the first of them. `--mutation <name>` plants a bug, `--mutations` all
 * of them in turn.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    mutation: { type: 'string' },
    mutations: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const tell = (text: string): void => void process.stdout.write(`${text}\n`);
const document = join(root, 'docs/reference/simulation.md');

function find(name: string | undefined): Mutation | undefined {
  if (name === undefined) return undefined;
  const found = mutations.find((mutation) => mutation.name === name);
  if (found === undefined)
    throw new Error(`no mutation is called so; there are: ${mutations.map((m) => m.name).join(', ')}`);
  return found;
}

const mutation = find(values.mutation);

function commandFor(seed: number): string {
  const planted = mutation === undefined ? '' : ` --mutation '${mutation.name}'`;
  return `npm run simulate -- --seed ${seed}${planted}`;
}

/** Everything that happens in one seed, line by line, and what it came to. */
function tellSeed(seed: number): boolean {
  let plan = planOf(seed, mutation);
  if (values.shrink) {
    const { kind } = judgePlan(plan, mutation);
    if (kind !== undefined) {
      plan = shrinkPlan(plan, (candidate) => judgePlan(candidate, mutation).kind === kind);
      tell(`smallest plan that fails so:\n${JSON.stringify(plan, null, 1)}`);
    }
  }
  const { result, found } = judgePlan(plan, mutation, tell);
  tell(found === undefined ? `seed ${seed}: no invariant is broken, ${result?.steps} steps` : `seed ${seed}: ${found}`);
  return found === undefined;
}

function progress(startedMs: number, count: number): (score: Score) => void {
  let [told, failed] = [0, 0];
  return (score) => {
    for (const { seed, found } of score.failed.slice(failed)) say(`seed ${seed}: ${found}\n  ${commandFor(seed)}`);
    failed = score.failed.length;
    if (score.seeds - told < Math.max(250, count / 20) && score.seeds < count) return;
    told = score.seeds;
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    say(`${score.seeds} of ${count} seeds, ${failed} failed, ${seconds} s`);
  };
}

async function runMany(first: number, count: number): Promise<boolean> {
  const startedMs = performance.now();
  const ofVersion = version();
  const stop = new AbortController();
  // A run that takes too long is ended by Ctrl-C, and counts as far as it went.
  process.once('SIGINT', () => stop.abort());
  const score = await runSeeds(first, count, mutation?.name, progress(startedMs, count), stop.signal);
  const { user, system } = process.cpuUsage();
  const run = {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    version: ofVersion,
    first,
    score,
    wallSeconds: (performance.now() - startedMs) / 1_000,
    processorSeconds: (user + system) / 1e6,
    threads: availableParallelism(),
    bounds: { livenessBoundMs, drainBoundMs },
  };
  tell(JSON.stringify({ ...run, score: { ...score, failed: score.failed.length } }));
  if (values.record) writeFileSync(document, recordRun(readFileSync(document, 'utf8'), run));
  return score.failed.length === 0;
}

function version(): string {
  const { version: number } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  return `${number} ${commit}`;
}

/** Each planted bug has to be found, by an invariant that it breaks. */
function runMutations(first: number, count: number): boolean {
  let missed = 0;
  for (const one of mutations) {
    const found = findMutation(one, first, count);
    const invariant = found?.violation.invariant;
    const isRight = invariant !== undefined && one.breaks.includes(invariant);
    if (!isRight) missed++;
    const what =
      found === undefined ? 'never' : `invariant ${invariant}, seed ${found.seed}: ${found.violation.message}`;
    tell(`${isRight ? 'found ' : 'MISSED'} ${one.name.padEnd(24)} ${what}`);
  }
  return missed === 0;
}

const first = Number(values.seed ?? 1);
const count = Number(values.seeds ?? 1_000);
const isOne = values.seed !== undefined && values.seeds === undefined;
const isWell = values.mutations ? runMutations(first, count) : isOne ? tellSeed(first) : await runMany(first, count);
process.exitCode = isWell ? 0 : 1;
