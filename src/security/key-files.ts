import { randomBytes } from 'node:crypto';
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError, makeDataFolder } from '../platform/index.ts';

export const adminKeyFile = 'admin.key';
export const masterKeyFile = 'master.key';

/**
 * The admin's API key: the configured one, else the one kept in the data folder, made at first start. The file is
 * readable by its owner only.
 */
export async function loadAdminKey(options: { dataDir: string; configured?: string | undefined }): Promise<string> {
  if (options.configured !== undefined) return options.configured;
  return readOrCreate(options.dataDir, adminKeyFile, () => `xda_${randomBytes(32).toString('base64url')}`);
}

/** The 32 bytes that wrap every tenant's keys. Losing them loses the stored secrets: back the file up apart from the database. */
export async function loadMasterKey(options: { dataDir: string; configured?: Buffer | undefined }): Promise<Buffer> {
  if (options.configured !== undefined) return options.configured;
  const text = await readOrCreate(options.dataDir, masterKeyFile, () => randomBytes(32).toString('base64'));
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32) {
    throw new HubError('CONFIG_INVALID', {
      message: `${join(options.dataDir, masterKeyFile)} does not hold 32 bytes in base64`,
    });
  }
  return key;
}

async function readOrCreate(dataDir: string, name: string, make: () => string): Promise<string> {
  const path = join(dataDir, name);
  const present = await readIfThere(path);
  if (present !== undefined) return present;
  makeDataFolder(dataDir);
  // Written aside and linked into place: of two hubs that start at once both end up with the same key, and a crash
  // in between never leaves half a file under the real name.
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(aside, `${make()}\n`, { mode: 0o600, flag: 'wx' });
    await link(aside, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(aside, { force: true });
  }
  const made = await readIfThere(path);
  if (made === undefined) throw new HubError('CONFIG_INVALID', { message: `${path} could not be written` });
  return made;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    await chmod(path, 0o600);
    if (text === '') throw new HubError('CONFIG_INVALID', { message: `${path} is empty` });
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
