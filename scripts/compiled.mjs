// Node strips our modules of their types and compiles them at every start, unless it finds that done. A hub that finds it
// done is up in two thirds of the time and needs 20 MB less for as long as it runs: the compiler of types is not loaded.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSources, pinnedEnv, pinnedNode, root, say, withLock } from './bootstrap.mjs';

/** Where Node keeps what it has compiled, by its own version and by user; whoever runs the hub may name another place. */
const compiledDir = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'crossdock-compiled');

/** For every process that runs modules of the hub. */
export const compiledEnv = { NODE_COMPILE_CACHE: compiledDir };

/** Has all modules of the hub and the lab compiled if they differ from the last time. Nothing depends on it but speed. */
export async function ensureCompiled() {
  // By where they lie, too: that is how Node finds them again.
  const sources = `${root} ${hashSources(join(root, 'src'), join(root, 'lab'))}`;
  const stamp = join(compiledDir, `.sources-${process.getuid?.() ?? 'user'}`);
  const isCompiled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
  if (isCompiled()) return;
  await withLock('compile', () => {
    if (isCompiled()) return;
    say('Compiling the modules (once; some seconds) …');
    try {
      mkdirSync(compiledDir, { recursive: true });
      const loader = join(root, 'scripts', 'load-all.mjs');
      const env = { ...pinnedEnv(), ...compiledEnv };
      const result = spawnSync(pinnedNode(), [loader], { cwd: root, stdio: ['ignore', 'ignore', 2], env });
      if (result.status !== 0) throw new Error('loading them failed; its messages are above');
      writeFileSync(stamp, sources);
    } catch (error) {
      // Somebody else's installation, for instance.
      say(`The hub starts without compiled modules: ${error.message}`);
    }
  });
}
