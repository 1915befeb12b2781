import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** pgbench of Debian's postgresql packages: in PATH, or where these put it (the newest). */
export function findPgbench(): string | undefined {
  const inPath = (process.env['PATH'] ?? '').split(':').map((dir) => join(dir, 'pgbench'));
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return [...inPath, ...versions.map((version) => join(root, version, 'bin', 'pgbench'))].find((path) =>
    existsSync(path),
  );
}

export interface PgbenchRun {
  program: string;
  url: string;
  script: string;
  /** Values that the script names as `:name`; sent with every execution, as any client sends what it stores. */
  variables?: Readonly<Record<string, string>>;
  clients: number;
  seconds: number;
}

/** @returns transactions per second, the time to connect left out */
export function runPgbench(run: PgbenchRun): number {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-pgbench-'));
  try {
    const file = join(dir, 'script.sql');
    writeFileSync(file, run.script);
    const url = new URL(run.url);
    const host = url.searchParams.get('host') ?? url.hostname;
    const result = spawnSync(
      run.program,
      [
        '-n',
        '-M',
        'prepared',
        '-c',
        String(run.clients),
        '-j',
        '2',
        '-T',
        String(run.seconds),
        '-f',
        file,
        ...Object.entries(run.variables ?? {}).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
        url.pathname.slice(1),
      ],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          PGHOST: host,
          PGPORT: url.searchParams.get('port') ?? (url.port === '' ? '5432' : url.port),
          PGUSER: decodeURIComponent(url.username),
          PGPASSWORD: decodeURIComponent(url.password),
          // With a role in it, row-level security is checked as it is for the hub.
          PGOPTIONS: url.searchParams.get('options') ?? '',
        },
      },
    );
    const tps = /tps = ([\d.]+)/.exec(result.stdout)?.[1];
    if (result.status !== 0 || tps === undefined) throw new Error(`pgbench failed: ${result.stderr.slice(0, 500)}`);
    return Number(tps);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
