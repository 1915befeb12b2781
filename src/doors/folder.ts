import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { constants, type FSWatcher, watch } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type Logger, RecentMap } from '../platform/index.ts';
import { createQuietFiles, type QuietFiles } from './quiet-files.ts';

/** A partner's folder to watch: `<root>/<folder>/in`. */
export interface WatchedFolder {
  readonly tenantId: string;
  /** Folder name below the root; usually the partner's account number. */
  readonly folder: string;
  readonly partner: string;
  readonly maxBytes: number;
  /** Where this tenant's folders lie; the door's `root` unless given. */
  readonly root?: string;
}

export interface FolderFile {
  readonly folder: WatchedFolder;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  /** The same for the same file seen twice (after a crash); another one for a file that was dropped anew. */
  readonly dedupeKey: string;
}

export interface RefusedFile {
  readonly folder: WatchedFolder;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly reason: string;
  readonly dedupeKey: string;
}

export interface FolderDoorOptions {
  /** `$CROSSDOCK_DATA/partners`. */
  readonly root: string;
  /** Asked at every round, so that a new agreement's folder is watched without a restart. */
  readonly folders: () => Promise<readonly WatchedFolder[]>;
  /** Returns once the file is durably recorded; its id becomes part of the archived name. */
  readonly onFile: (file: FolderFile) => Promise<{ messageId: string }>;
  /** A file that was not taken in: recorded where people see it. */
  readonly onRefused: (file: RefusedFile) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  /** How often to look; changes are noticed at once where the platform tells. Default 1,000 ms. */
  readonly pollMs?: number;
  /** How long a file must have been the same before it is taken. Default 1,000 ms. */
  readonly settleMs?: number;
}

export interface FolderDoor {
  start(): void;
  /** Waits for the file being taken in. */
  stop(): Promise<void>;
  /** One look at every folder; for tests and for `start` itself. Returns how many files were taken in. */
  scan(): Promise<number>;
}

/** Names that senders give to files they are still writing, and hidden files. */
const partial = /^\.|~$|\.(tmp|temp|part|partial|filepart|crdownload|writing|lock)$/i;
const folderName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/**
 * Takes in files that partners rename into `<root>/<partner>/in`. A file counts once it has its final name and has been the
 * same for a while, since not every partner's program renames; it is recorded before it leaves the folder, so that a crash
 * in between shows it again rather than losing it. Taken files go to `archive`, refused ones to `refused`. Links and folders
 * are left alone: only regular files of the folder itself.
 */
export function createFolderDoor(options: FolderDoorOptions): FolderDoor {
  const { log } = options;
  const seen: Seen = {
    quiet: createQuietFiles(options.clock, options.settleMs ?? 1_000),
    told: new RecentMap(1_000),
  };
  const watchers = new Map<string, FSWatcher>();
  let stopped = true;
  let cancelTimer: () => void = () => {};
  let cancelLook: () => void = () => {};
  let running: Promise<number> | undefined;
  let again = false;

  /** One scan at a time; a request during a scan makes another one follow. */
  function scan(): Promise<number> {
    if (running !== undefined) {
      again = true;
      return running;
    }
    running = scanAll(options, seen, (folder) => watchIn(folder))
      .then((taken) => {
        // Not at the next round, which may come a moment too early.
        cancelLook();
        const restMs = seen.quiet.nextRound();
        if (restMs !== undefined && !stopped) cancelLook = options.clock.setTimeout(() => void scan(), restMs);
        return taken;
      })
      .catch((error: unknown) => {
        log.error({ err: error }, 'the partner folders could not be read');
        return 0;
      })
      .finally(() => {
        running = undefined;
        if (again && !stopped) {
          again = false;
          void scan();
        }
      });
    return running;
  }

  function watchIn(folder: string): void {
    if (stopped || watchers.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, () => void scan());
      // Without a watcher polling still finds the file, a little later.
      watcher.on('error', () => {
        watcher.close();
        watchers.delete(folder);
      });
      watchers.set(folder, watcher);
    } catch {
      // Not every file system can be watched.
    }
  }

  function tick(): void {
    if (stopped) return;
    void scan().finally(() => {
      if (!stopped) cancelTimer = options.clock.setTimeout(tick, options.pollMs ?? 1_000);
    });
  }

  return {
    start() {
      if (!stopped) return;
      stopped = false;
      tick();
    },
    async stop() {
      stopped = true;
      cancelTimer();
      cancelLook();
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
      await running;
    },
    scan,
  };
}

/** What one look leaves to the next. */
interface Seen {
  readonly quiet: QuietFiles;
  /** Of files that could not be taken in, what was said about it last: a look every second must not say it every second. */
  readonly told: RecentMap<string, string>;
}

async function scanAll(options: FolderDoorOptions, seen: Seen, onFolder: (path: string) => void): Promise<number> {
  let taken = 0;
  for (const folder of await options.folders()) {
    if (!folderName.test(folder.folder)) {
      options.log.warn({ folder: folder.folder }, 'not a name for a partner folder');
      continue;
    }
    try {
      taken += await scanFolder(options, folder, seen, onFolder);
    } catch (error) {
      // One partner's folder must not keep the others' files out.
      options.log.error({ err: error, folder: folder.folder }, 'a partner folder could not be read');
    }
  }
  return taken;
}

async function scanFolder(
  options: FolderDoorOptions,
  folder: WatchedFolder,
  seen: Seen,
  onFolder: (path: string) => void,
): Promise<number> {
  const base = join(folder.root ?? options.root, folder.folder);
  const inbox = join(base, 'in');
  for (const name of ['in', 'out', 'archive', 'refused']) {
    // Nobody else's business; a group that is to fetch and bring files is given the folders.
    await mkdir(join(base, name), { recursive: true, mode: 0o770 });
  }
  onFolder(inbox);
  // As bytes: a name that is no UTF-8 (Latin-1, from an old system) would otherwise name no file at all.
  const entries = await readdir(inbox, { withFileTypes: true, encoding: 'buffer' });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .filter((name) => !partial.test(textOf(name)));
  let taken = 0;
  // By name: partners number their files.
  for (const name of names.sort((a, b) => Buffer.compare(a, b))) {
    try {
      if (await takeFile(options, folder, base, name, seen.quiet)) taken++;
    } catch (error) {
      // The file stays where it is and is tried again at the next look.
      await tell(options, seen.told, folder, name, error);
    }
  }
  return taken;
}

/** What people call the file. Every byte is a character of Latin-1, so that no name is without a text. */
const textOf = (name: Buffer): string => name.toString(isUtf8(name) ? 'utf8' : 'latin1');

const pathOf = (folder: string, name: Buffer): Buffer => Buffer.concat([Buffer.from(`${folder}/`), name]);

/** The file system's own refusals: they last until somebody changes something, so that people are told, not only the log. */
const lasting = new Set(['EACCES', 'EPERM', 'ENAMETOOLONG', 'EROFS', 'EINVAL', 'EXDEV']);

async function tell(
  options: FolderDoorOptions,
  told: Seen['told'],
  folder: WatchedFolder,
  name: Buffer,
  error: unknown,
): Promise<void> {
  const fileName = textOf(name);
  const { code = '', message } = error as NodeJS.ErrnoException;
  const key = `${folder.tenantId} ${folder.folder} ${name.toString('hex')}`;
  if (told.get(key) === message) return;
  options.log.error({ err: error, folder: folder.folder, file: fileName }, 'a file could not be taken in');
  if (lasting.has(code)) {
    const reason = `The file cannot be taken in (${code}): see that the hub may read it and move it; it is tried again`;
    const dedupeKey = `file:${folder.folder}:${fileName}:${code}`;
    try {
      await options.onRefused({ folder, fileName, sizeBytes: 0, reason, dedupeKey });
    } catch (cause) {
      options.log.error({ err: cause, folder: folder.folder, file: fileName }, 'that could not be recorded');
      return;
    }
  }
  told.set(key, message);
}

async function takeFile(
  options: FolderDoorOptions,
  folder: WatchedFolder,
  base: string,
  nameBytes: Buffer,
  quiet: QuietFiles,
): Promise<boolean> {
  const name = textOf(nameBytes);
  const path = pathOf(join(base, 'in'), nameBytes);
  const opened = await openFile(path);
  if (opened === undefined) return false;
  const { file, size, identity } = opened;
  let bytes: Buffer | undefined;
  try {
    if (!quiet.has(`${base}/${nameBytes.toString('latin1')}`, identity)) return false;
    // A file beyond the limit is never read.
    if (size <= folder.maxBytes) bytes = await readAll(file, size);
  } finally {
    await file.close();
  }
  if (bytes === undefined && size <= folder.maxBytes) return false; // still growing: the next look will see it whole
  const dedupeKey = `file:${folder.folder}:${name}:${identity}`;
  if (bytes === undefined) {
    const reason = `The file has ${size} bytes; at most ${folder.maxBytes} are taken in`;
    await options.onRefused({ folder, fileName: name, sizeBytes: size, reason, dedupeKey });
    await rename(path, join(base, 'refused', fittingName(`${stamp(options.clock.now())}-`, name)));
    await writeFile(join(base, 'refused', fittingName('', name, '.txt')), `${reason}.\n`).catch(() => {});
    return false;
  }
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const { messageId } = await options.onFile({ folder, fileName: name, bytes, dedupeKey: `${dedupeKey}:${hash}` });
  await rename(path, join(base, 'archive', fittingName(`${stamp(options.clock.now())}-${messageId}-`, name)));
  return true;
}

async function openFile(path: Buffer): Promise<{ file: FileHandle; size: number; identity: string } | undefined> {
  let file: FileHandle;
  try {
    // A link that replaced the file since it was listed is not followed (where the platform knows the flag).
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (['ENOENT', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  const stat = await file.stat({ bigint: true });
  // It keeps its mode where it is archived: an order is for nobody else to read. Of another user's file this may fail.
  if ((stat.mode & 0o007n) !== 0n) await file.chmod(0o640).catch(() => {});
  if (!stat.isFile()) {
    await file.close();
    return undefined;
  }
  // A rename keeps inode and times; a file that is dropped again has others.
  return { file, size: Number(stat.size), identity: `${stat.ino}:${stat.mtimeNs}:${stat.size}` };
}

/** @returns undefined when the file is not what it was when it was opened */
async function readAll(file: FileHandle, size: number): Promise<Buffer | undefined> {
  const buffer = Buffer.allocUnsafe(size + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
    if (length > size) return undefined;
  }
  return length === size ? buffer.subarray(0, size) : undefined;
}

/** Of a file system's name, on all that matter. */
const longestNameBytes = 255;

/** Cut by bytes, at the front of the sender's part: what the hub put before it is unique, and the end tells the kind. */
function fittingName(before: string, name: string, after = ''): string {
  const room = longestNameBytes - Buffer.byteLength(before + after);
  const bytes = Buffer.from(name);
  let from = Math.max(0, bytes.length - room);
  // Not within a character: its bytes after the first are 10xxxxxx.
  while (from < bytes.length && (bytes[from]! & 0xc0) === 0x80) from += 1;
  return `${before}${bytes.toString('utf8', from)}${after}`;
}

const stamp = (at: Date): string => at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
