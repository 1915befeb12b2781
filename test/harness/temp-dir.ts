import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir {
  readonly path: string;
  remove(): void;
}

/** A folder for a hub's data. As root PostgreSQL runs as another user, whom mkdtemp's own mode would keep out. */
export function tempDir(name = 'data'): TempDir {
  const path = mkdtempSync(join(tmpdir(), `crossdock-${name}-`));
  chmodSync(path, 0o755);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
