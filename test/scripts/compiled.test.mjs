import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { root } from '../../scripts/bootstrap.mjs';
import { compiledEnv, ensureCompiled } from '../../scripts/compiled.mjs';

/** Loads a module and says whether Node had to load its compiler of types, some 20 MB of it, for that. */
function needsTypes(file, env) {
  const load = `await import(${JSON.stringify(pathToFileURL(join(root, file)).href)});
    console.log(process.moduleLoadList.some((name) => name.includes('amaro')));`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', load], { env: { ...process.env, ...env } }).toString(),
  );
}

it('a hub and the systems of the lab find their modules compiled', async () => {
  await ensureCompiled();
  expect(needsTypes('src/cli/run-hub.ts', { NODE_COMPILE_CACHE: '' })).toBe(true);
  expect(needsTypes('src/cli/run-hub.ts', compiledEnv)).toBe(false);
  expect(needsTypes('lab/run-system.ts', compiledEnv)).toBe(false);
}, 60_000);
