import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'typebox';
import type { LookupResult, Outcome } from '../../queue/index.ts';
import { type ConnectorContext, type ConnectorRequest, defineConnector } from '../connector.ts';

/** What the hub hands over: a name it made itself and the bytes as they were stored. */
export interface EdiFile {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

const safeName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/;

const settings = Type.Object(
  {
    folder: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$',
      description: "Name of the partner's folder below `partners` in the hub's data folder",
    }),
    sharedMailbox: Type.Optional(
      Type.Boolean({
        description:
          "The partner's folder is a mailbox that others share, as a value-added network's is: what comes by it may be from any partner with an agreement. Default false: an interchange of another partner waits for a person",
      }),
    ),
  },
  { additionalProperties: false },
);

/**
 * Files for a partner, in `partners/<folder>/out`. A file appears there complete, by rename. Two more folders remember
 * what was done: a file lies in `staging` until it is published, and for good in `sent` once it is about to be. So a
 * crash at any point tells by itself whether the partner can have seen the file: still in staging means no.
 */
export const ediFolder = defineConnector({
  type: 'edi-folder',
  title: "EDI files in a partner's folder",
  role: 'edi',
  settings,
  secrets: Type.Object({}, { additionalProperties: false }),
  operations: Object.fromEntries(
    [
      ['interchange.send', 'Send an acknowledgment'],
      ['order.acknowledge', 'Send a purchase order acknowledgment'],
      ['shipment.notify', 'Send an advance ship notice'],
      ['invoice.send', 'Send an invoice'],
      ['release.create', 'Send a warehouse shipping order'],
      ['release.cancel', 'Send the cancellation of a warehouse shipping order'],
    ].map(([operation, title]) => [
      operation,
      {
        title: title as string,
        // The file's name is unique, and `sent` tells what lies under it.
        idempotency: 'B' as const,
        settleMs: 0,
        send: publishOnce,
        lookup: findSent,
      },
    ]),
  ),
  async health(ctx) {
    const folders = foldersOf(ctx);
    try {
      await mkdir(folders.out, { recursive: true, mode: 0o770 });
      return { ok: true, detail: folders.out };
    } catch (error) {
      return { ok: false, detail: (error as Error).message };
    }
  },
});

interface Folders {
  out: string;
  staging: string;
  sent: string;
}

function foldersOf(ctx: ConnectorContext): Folders {
  const base = join(ctx.dataDir ?? 'data', 'partners', String(ctx.settings.folder));
  return { out: join(base, 'out'), staging: join(base, 'staging'), sent: join(base, 'sent') };
}

/** Documents that share an interchange are so many sends of one file: what is under way is done once for all of them. */
const underWay = new Map<string, { bytes: Uint8Array; outcome: Promise<Outcome> }>();

function publishOnce(ctx: ConnectorContext, request: ConnectorRequest): Promise<Outcome> {
  const { fileName, bytes } = request.native as EdiFile;
  const path = join(foldersOf(ctx).out, fileName);
  const other = underWay.get(path);
  if (other !== undefined && Buffer.compare(other.bytes, bytes) === 0) return other.outcome;
  const outcome = publish(ctx, request).finally(() => {
    if (underWay.get(path)?.outcome === outcome) underWay.delete(path);
  });
  underWay.set(path, { bytes, outcome });
  return outcome;
}

async function publish(ctx: ConnectorContext, request: ConnectorRequest): Promise<Outcome> {
  const file = request.native as EdiFile;
  if (!safeName.test(file.fileName)) {
    return { kind: 'rejected', class: 'schema', code: 'FILE_NAME', message: 'The file name is not one the hub makes' };
  }
  const folders = foldersOf(ctx);
  const staged = join(folders.staging, file.fileName);
  const sent = join(folders.sent, file.fileName);
  try {
    for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o770 });
    await clearLeftOvers(folders.staging);
    const earlier = await readIfThere(sent);
    if (earlier !== undefined && !(await exists(staged))) {
      return earlier.equals(file.bytes)
        ? { kind: 'confirmed', outsideId: file.fileName }
        : {
            kind: 'rejected',
            class: 'business',
            code: 'DUPLICATE',
            message: `${file.fileName} was sent with other content`,
          };
    }
    await writeDurably(staged, file.bytes);
    await unlinkIfThere(sent);
    await link(staged, sent);
    await syncFolder(folders.sent);
  } catch (error) {
    // Nothing has been published: only the rename below does that.
    return { kind: 'retryable', sent: false, detail: describe(error), reason: 'unreachable' };
  }
  try {
    await rename(staged, join(folders.out, file.fileName));
    await syncFolder(folders.out);
    return { kind: 'confirmed', outsideId: file.fileName };
  } catch (error) {
    return { kind: 'unknown', detail: describe(error), reason: 'server_error' };
  }
}

async function findSent(ctx: ConnectorContext, request: ConnectorRequest): Promise<LookupResult> {
  const file = request.native as EdiFile;
  const folders = foldersOf(ctx);
  try {
    const earlier = await readIfThere(join(folders.sent, file.fileName));
    if (earlier === undefined || (await exists(join(folders.staging, file.fileName)))) return { kind: 'none' };
    return { kind: 'found', outsideId: file.fileName, sameContent: earlier.equals(file.bytes) };
  } catch (error) {
    return { kind: 'unavailable', detail: describe(error), reason: 'unreachable' };
  }
}

/** Folders that this process has looked through. */
const cleared = new Set<string>();
const unfinished = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Nobody writes one file for so long. */
const leftOverMs = 3_600_000;

/** Takes away what a crash left half-written in `staging`; once per process, as nothing else leaves such files. */
async function clearLeftOvers(staging: string): Promise<void> {
  if (cleared.has(staging)) return;
  cleared.add(staging);
  for (const name of await readdir(staging)) {
    if (!unfinished.test(name)) continue;
    const path = join(staging, name);
    const found = await stat(path).catch(ignoreMissing);
    if (found !== undefined && Date.now() - found.mtimeMs > leftOverMs) await unlinkIfThere(path);
  }
}

/** Never into a file that is there: it may be the very one that another worker has just published. */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${path}.${randomUUID()}`;
  const file = await open(fresh, 'wx', 0o640);
  try {
    await file.writeFile(bytes);
    await file.sync();
    await rename(fresh, path);
  } catch (error) {
    await unlinkIfThere(fresh);
    throw error;
  } finally {
    await file.close();
  }
}

// A rename is only durable once its folder is; some file systems cannot sync a folder and need not.
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'EISDIR', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await folder.close();
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(ignoreMissing);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(ignoreMissing)) !== undefined;
}

async function unlinkIfThere(path: string): Promise<void> {
  await unlink(path).catch(ignoreMissing);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

const describe = (error: unknown): string =>
  `${(error as NodeJS.ErrnoException).code ?? 'ERROR'}: ${(error as Error).message}`;
