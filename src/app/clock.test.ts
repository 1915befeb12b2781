import { afterEach, expect, it, vi } from 'vitest';
import { tempDir, testDatabase } from '../../test/harness/index.ts';
import { startHub } from './start-hub.ts';
import { loadConfig, silentLogger, stampIdsBy, uuidv7, uuidv7TimeMs } from '../platform/index.ts';

afterEach(() => {
  vi.useRealTimers();
  stampIdsBy(Date.now);
});

it("goes by the database's clock, wherever the machine's own is and however it jumps", async () => {
  const database = await testDatabase();
  const folder = tempDir();
  const realMs = Date.now.bind(Date);
  const hourMs = 3_600_000;
  vi.useFakeTimers({ toFake: ['Date'], now: realMs() + hourMs });
  const hub = await startHub({
    config: loadConfig({ CROSSDOCK_DATA: folder.path, DATABASE_URL: database.url, CROSSDOCK_ROLES: 'worker' }),
    log: silentLogger,
    tenant: { id: 'acme', name: 'Acme', demo: false },
  });
  const aheadMs = async (shownMs: number): Promise<number> => {
    const { rows } = await database.owner.query<{ ms: number }>(
      'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 ms',
    );
    return Math.abs(shownMs - rows[0]!.ms);
  };
  const { clock } = hub.services;
  expect(await aheadMs(clock.now().getTime())).toBeLessThan(1_000);
  vi.setSystemTime(Date.now() - 48 * hourMs);
  expect(await aheadMs(clock.now().getTime())).toBeLessThan(1_000);
  // What is compared with ids goes by the same clock.
  expect(await aheadMs(uuidv7TimeMs(uuidv7()))).toBeLessThan(1_000);
  await hub.stop('the test ends');
  await database.drop();
  folder.remove();
});
