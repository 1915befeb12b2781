/**
 * The fault suite's own composition root: the hub as `crossdock start --json` runs it, behind a watch on everything that
 * crosses its boundary. `CROSSDOCK_CRASH_AT=point:n` is read here and nowhere else.
 */
import { flushCompileCache } from 'node:module';
import { crashPlan } from './crash-plan.ts';
import { watchBoundary } from './watch-boundary.ts';

watchBoundary(crashPlan(process.env['CROSSDOCK_CRASH_AT']));
delete process.env['CROSSDOCK_CRASH_AT'];

// Loaded only now, so that everything the hub imports is watched.
const { runHub } = await import('../../../src/cli/run-hub.ts');
await runHub({ json: true });
// It will not get to leave its compiled code behind when it ends.
flushCompileCache();
