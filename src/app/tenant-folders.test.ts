import { describe, expect, it } from 'vitest';
import { tenantDataDir } from './tenant-folders.ts';

describe('the folder of a tenant', () => {
  const of = (tenantId: string) => tenantDataDir('/data', 'ridgeline', tenantId);

  it('is the data folder itself for the tenant that the hub is run for', () => {
    expect(of('ridgeline')).toBe('/data');
  });

  it('is another one for every other tenant', () => {
    expect(of('acme')).toBe('/data/tenants/acme');
    const ids = ['acme', 'ACME', 'Acme', '..', '../..', 'a/b', '~61', '', 'a'.repeat(65), 'tenants'];
    const folders = ids.map(of);
    expect(new Set(folders.map((folder) => folder.toLowerCase())).size).toBe(ids.length);
    for (const folder of folders) expect(folder).toMatch(/^\/data\/tenants\/[^/]+$/);
  });
});
