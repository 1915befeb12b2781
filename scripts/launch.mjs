// The way from `bin/crossdock` under any Node to src/main.ts under the pinned one.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureConsole, ensureInstalled, pinnedEnv, pinnedNode, root } from './bootstrap.mjs';
import { compiledEnv, ensureCompiled } from './compiled.mjs';

const commandsWithConsole = new Set(['start', 'demo']);

/** Sets up what is missing, then becomes the command line with these arguments. */
export async function launch(args) {
  await ensureInstalled();
  const command = args.find((arg) => !arg.startsWith('-'));
  const wantsHelp = args.includes('--help') || args.includes('-h');
  if (command !== undefined && commandsWithConsole.has(command) && !wantsHelp) {
    await ensureConsole();
    await ensureCompiled();
  }
  const node = pinnedNode();
  // Without bounds V8 lets garbage pile up to twice the memory that the hub needs (measured: 500 against 200 MB), and glibc's
  // malloc keeps what buffers have left in an arena per thread (measured over saturated intake: 263 against 219 MB).
  const hub = commandsWithConsole.has(command)
    ? JSON.parse(readFileSync(join(root, 'scripts', 'hub-process.json'), 'utf8'))
    : { arguments: [], environment: {} };
  const nodeArgs = [...hub.arguments, join(root, 'src', 'main.ts'), ...args];
  const env = { ...hub.environment, ...compiledEnv, ...pinnedEnv() };
  if (process.execve !== undefined) {
    // The same process goes on under another Node: signals and the exit status need no forwarding.
    process.removeAllListeners('warning');
    process.execve(node, [node, ...nodeArgs], env);
  }
  await follow(node, nodeArgs, env);
}

/** Node 20 cannot replace itself: run a child, hand signals down and the exit status up. */
function follow(node, nodeArgs, env) {
  // The pipe on fd 3 closes when this process is gone, however it went; then the child goes too (follow-launcher.mjs).
  const preload = new URL('./follow-launcher.mjs', import.meta.url).href;
  const child = spawn(node, ['--import', preload, ...nodeArgs], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...env, CROSSDOCK_LAUNCHER_FD: '3' },
  });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR2']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group; passing it on would make it the second, impatient one.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      if (signal !== null) {
        for (const name of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR2']) process.removeAllListeners(name);
        process.kill(process.pid, signal);
      }
      process.exitCode = status ?? 1;
      resolve();
    });
  });
}
