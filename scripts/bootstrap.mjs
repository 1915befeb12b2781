// What has to happen before anything of ours can run: the packages of the lockfile, with the pinned Node among them.
// Plain JavaScript without dependencies: it runs under whatever Node the machine has.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const binDir = join(root, 'node_modules', '.bin');
const onWindows = process.platform === 'win32';

/** Progress for people. Standard output belongs to results. */
export const say = (text) => process.stderr.write(`${text}\n`);

/** The Node that package.json pins. */
export function pinnedNode() {
  return join(root, 'node_modules', 'node', 'bin', onWindows ? 'node.exe' : 'node');
}

/** The environment in which `node` and every tool are the pinned ones. */
export function pinnedEnv() {
  return { ...process.env, PATH: `${binDir}${onWindows ? ';' : ':'}${process.env.PATH ?? ''}` };
}

/**
 * True when node_modules holds what the lockfile says. Contents are compared, not times: a fresh checkout gives every
 * file a new time. npm writes node_modules/.package-lock.json last, so an interrupted installation is noticed.
 */
export function isInstalled(dir = root) {
  const node = join(dir, 'node_modules', 'node', 'bin', onWindows ? 'node.exe' : 'node');
  const installed = readJson(join(dir, 'node_modules', '.package-lock.json'))?.packages;
  const wanted = readJson(join(dir, 'package-lock.json'))?.packages;
  if (installed === undefined || wanted === undefined || !existsSync(node)) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found !== undefined) return found.version === entry.version;
    return entry.optional === true || entry.devOptional === true || entry.peer === true;
  });
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Installs the lockfile's packages if they are missing or differ. Several starts at once: one works, others wait. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  await withLock('install', () => {
    if (isInstalled()) return;
    say('Installing the packages of package-lock.json (once; about a minute) …');
    // The pinned Node is a devDependency: it is wanted whatever NODE_ENV says.
    const [command, ...args] = [...npmCommand(), 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
    const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: onWindows });
    if (result.status !== 0) throw new Error('npm ci failed; its messages are above');
    if (!isInstalled()) throw new Error('npm ci finished but left packages out; were install scripts switched off?');
  });
}

function npmCommand() {
  // Under `npm test` npm says where it is; otherwise the npm beside this Node, otherwise the one on the path.
  const execPath = process.env.npm_execpath;
  if (execPath?.endsWith('.js') && existsSync(execPath)) return [process.execPath, execPath];
  const beside = join(dirname(process.execPath), onWindows ? 'npm.cmd' : 'npm');
  return [existsSync(beside) ? beside : 'npm'];
}

/** Builds the console if its sources differ from those of the last build. True when a usable build is there. */
export async function ensureConsole() {
  const source = join(root, 'console');
  if (!existsSync(join(source, 'index.html'))) return false;
  const stamp = join(source, 'dist', '.sources');
  const isBuilt = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === hashSources(source);
  if (isBuilt()) return true;
  return withLock('console', () => {
    if (isBuilt()) return true;
    say('Building the console (once; some seconds) …');
    const hash = hashSources(source);
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
    const args = [vite, 'build', '--config', 'console/vite.config.ts', '--logLevel', 'warn'];
    const result = spawnSync(pinnedNode(), args, { cwd: root, stdio: ['ignore', 2, 2], env: pinnedEnv() });
    if (result.status === 0) {
      mkdirSync(dirname(stamp), { recursive: true });
      writeFileSync(stamp, hash);
      return true;
    }
    // Orders must flow even when the screens do not build.
    say('The console could not be built; the hub starts without a new one. The messages are above.');
    return existsSync(join(source, 'dist', 'index.html'));
  });
}

/** Of everything in these folders but tests, and of the lockfile. */
export function hashSources(...dirs) {
  const hash = createHash('sha256');
  const lockfile = join(root, 'package-lock.json');
  for (const file of [...dirs.flatMap(listFiles), lockfile]) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function listFiles(dir) {
  return readdirSync(dir, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) return entry.name === 'dist' || entry.name === 'node_modules' ? [] : listFiles(path);
      return entry.name.endsWith('.test.ts') ? [] : [path];
    });
}

/** Runs `work` while holding a lock of this checkout. A lock whose holder has died is taken over. */
export async function withLock(name, work) {
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 12);
  const file = join(tmpdir(), `crossdock-${name}-${hash}.lock`);
  for (let waited = false; !take(file); waited = true) {
    if (!holderLives(file)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!waited) say(`Waiting for another start of this checkout (${name}) …`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // Ctrl-C during a long installation must not leave the next start waiting for this process's number to come free.
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function holderLives(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    // Empty: its maker is between creating and writing it, or died right there.
    if (pid === 0) return Date.now() - statSync(file).mtimeMs < 5000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs a tool under the pinned Node with its output shown; answers its exit status (128 + signal when killed). */
export function runTool(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', options.toStderr ? 2 : 'inherit', 'inherit'],
      env: { ...pinnedEnv(), ...options.env },
      detached: options.timeoutMs !== undefined && !onWindows,
    });
    let timer;
    if (options.timeoutMs !== undefined) {
      timer = setTimeout(() => {
        say(`${command} exceeded its ${Math.round(options.timeoutMs / 60_000)} minutes and is ended`);
        endGroup(child);
      }, options.timeoutMs);
    }
    child.on('error', (error) => {
      clearTimeout(timer);
      say(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      resolve(status ?? (signal === null ? 1 : 130));
    });
  });
}

function endGroup(child) {
  try {
    process.kill(onWindows ? child.pid : -child.pid, 'SIGTERM');
    setTimeout(() => process.kill(onWindows ? child.pid : -child.pid, 'SIGKILL'), 10_000).unref();
  } catch {
    // It ended by itself meanwhile.
  }
}
