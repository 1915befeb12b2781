import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listenFailure, makeDataFolder, tryPort } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossdock-start-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the data folder', () => {
  it('is made with what leads to it, and nothing is left in it', () => {
    const dir = join(folder, 'a', 'b', 'data');
    makeDataFolder(dir);
    makeDataFolder(dir);
    expect([statSync(dir).isDirectory(), readdirSync(dir)]).toEqual([true, []]);
  });

  it('is refused with words on a file, below one, and where no folder can be made', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const refused = (dir: string, why: string) =>
      expect(() => makeDataFolder(dir)).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(why) }),
      );
    refused(file, `${file} is not a folder`);
    refused(join(file, 'data'), `${file} is not a folder`);
    // Making it with its parents at once never ends here.
    if (process.platform === 'linux') refused('/proc/nope/data', 'Set CROSSDOCK_DATA');
  });
});

describe('the port', () => {
  it('is told as taken', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const words = `127.0.0.1:${port} is taken: stop what uses it, or set CROSSDOCK_PORT`;
    await expect(tryPort({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'ALREADY_RUNNING',
      message: words,
    });
    await new Promise((done) => server.close(done));
    await tryPort({ host: '127.0.0.1', port });
  });

  it('is a matter of settings where the address is not ours', () => {
    const failed = (code: string) =>
      listenFailure(Object.assign(new Error(code), { code }), { host: '192.0.2.1', port: 80 });
    for (const code of ['EACCES', 'EADDRNOTAVAIL']) expect(failed(code)).toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
