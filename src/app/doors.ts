import { join } from 'node:path';
import type { Pools } from './pools.ts';
import { tenantDataDir } from './tenant-folders.ts';
import { createFolderDoor, type FolderFile, type RefusedFile, type WatchedFolder } from '../doors/index.ts';
import { receive } from '../exchange/index.ts';
import { type Hub, raiseExceptions, takeMessages } from '../flows/index.ts';
import { listAgreements } from '../partners/index.ts';
import { type Clock, type Config, HubError, type Logger, type Stopper } from '../platform/index.ts';
import { listTenants } from '../security/index.ts';

const defaultMaxBytes = 10 * 1024 * 1024;

export interface DoorOptions {
  readonly config: Config;
  readonly pools: Pools;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stopper: Stopper;
  readonly hub: (tenantId: string) => Hub;
  readonly homeTenantId: string;
  /** False while nothing new of a tenant is taken in: its files stay where they are. */
  readonly isOpen: (tenantId: string) => boolean;
}

/** Watches the partners' folders; each file becomes a message that waits for translation. */
export function startDoors(options: DoorOptions): void {
  const door = createFolderDoor({
    root: join(options.config.dataDir, 'partners'),
    folders: () => watchedFolders(options),
    onFile: (file) => takeFile(options, file),
    onRefused: (file) => recordRefusal(options, file),
    clock: options.clock,
    log: options.log,
    settleMs: options.config.folderSettleMs,
  });
  door.start();
  options.stopper.onStop('folder door', () => door.stop());
}

/** One folder per active agreement's partner; agreements of one partner share it. */
async function watchedFolders({ config, homeTenantId, pools, isOpen }: DoorOptions): Promise<WatchedFolder[]> {
  const all: WatchedFolder[] = [];
  for (const tenant of await listTenants(pools.engine)) {
    if (!isOpen(tenant.id)) continue;
    const folders = new Map<string, WatchedFolder>();
    for (const { agreement } of await pools.app.tx(tenant.id, listAgreements)) {
      if (agreement.status === 'inactive' || agreement.folder?.enabled === false) continue;
      const known = folders.get(agreement.partner);
      folders.set(agreement.partner, {
        tenantId: tenant.id,
        root: join(tenantDataDir(config.dataDir, homeTenantId, tenant.id), 'partners'),
        folder: agreement.partner,
        partner: agreement.partner,
        maxBytes: Math.max(known?.maxBytes ?? 0, agreement.folder?.maxBytes ?? defaultMaxBytes),
      });
    }
    all.push(...folders.values());
  }
  return all;
}

function takeFile({ pools, hub }: DoorOptions, file: FolderFile): Promise<{ messageId: string }> {
  const { tenantId, partner } = file.folder;
  return pools.app.tx(tenantId, async (tx) => {
    const [received] = await takeMessages(tx, hub(tenantId), [
      {
        channel: 'edi-folder',
        partner,
        contentType: 'application/octet-stream',
        fileName: file.fileName,
        bytes: file.bytes,
        dedupeKey: file.dedupeKey,
        // Files of one partner are read in the order in which they came.
        key: `partner:${partner}`,
      },
    ]);
    if (received === undefined) throw new HubError('INTERNAL', { message: 'A file was not recorded' });
    return { messageId: received.id };
  });
}

/** A file that is too large leaves a message without bytes and an exception, so that somebody sees it. */
function recordRefusal({ pools, hub }: DoorOptions, file: RefusedFile): Promise<void> {
  const { tenantId, partner } = file.folder;
  return pools.app.tx(tenantId, async (tx) => {
    const [received] = await receive(tx, [
      {
        channel: 'edi-folder',
        partner,
        contentType: 'application/octet-stream',
        fileName: file.fileName,
        bytes: new Uint8Array(),
        dedupeKey: file.dedupeKey,
        state: 'refused',
        reason: file.reason,
      },
    ]);
    if (received === undefined || received.duplicateOf !== undefined) return;
    await raiseExceptions(tx, hub(tenantId), [
      {
        code: 'FILE_REFUSED',
        dedupeKey: `file:${received.id}`,
        entityRefs: [{ kind: 'message', id: received.id, label: file.fileName }],
        correlationId: received.correlationId,
        messageId: received.id,
        cause: `${partner} sent ${file.fileName} with ${file.sizeBytes.toLocaleString('en-US')} bytes. ${file.reason}`,
      },
    ]);
  });
}
