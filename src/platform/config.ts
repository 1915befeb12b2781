import { resolve } from 'node:path';
import { type ErrorDetail, HubError } from './errors.ts';
import type { LogLevel } from './log.ts';

export type HubRole = 'api' | 'worker' | 'scheduler';

/** Everything an operator can set, resolved and checked. Durations are milliseconds. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absolute path of the folder that holds the embedded database, the admin key and the partners' folders. */
  readonly dataDir: string;
  /** The owner's connection. Absent: the hub runs its own PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Presets the admin's API key. Absent: made at first start and kept in `dataDir`. */
  readonly adminKey: string | undefined;
  /** 32 bytes, base64 or hex, that encrypt stored secrets. Absent: made at first start and kept in `dataDir`. */
  readonly masterKey: Buffer | undefined;
  readonly logLevel: LogLevel;
  readonly roles: readonly HubRole[];
  /** How long a worker owns a lane without renewing it. */
  readonly leaseMs: number;
  /** Connections of the pool that serves requests and flows. */
  readonly appConnections: number;
  /** Connections of the pool that works the lanes. */
  readonly engineConnections: number;
  /** How long a graceful stop waits for work in progress before it gives up. */
  readonly stopTimeoutMs: number;
  /** Open deliveries of the hub, of a tenant, and for a destination beyond which the doors take nothing new. */
  readonly openMax: { readonly total: number; readonly tenant: number; readonly destination: number };
  /** The address under which people and partners reach the hub, for links; no slash at the end. */
  readonly publicUrl: string;
  /** Variables that begin with CROSSDOCK_ and mean nothing to the hub: likely typing errors, worth a warning. */
  readonly unknownVariables: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

const allRoles: readonly HubRole[] = ['api', 'worker', 'scheduler'];
const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];
const knownVariables = new Set([
  'CROSSDOCK_PORT',
  'CROSSDOCK_HOST',
  'CROSSDOCK_DATA',
  'CROSSDOCK_ADMIN_KEY',
  'CROSSDOCK_MASTER_KEY',
  'CROSSDOCK_LOG_LEVEL',
  'CROSSDOCK_ROLES',
  'CROSSDOCK_LEASE_MS',
  'CROSSDOCK_APP_CONNECTIONS',
  'CROSSDOCK_ENGINE_CONNECTIONS',
  'CROSSDOCK_STOP_TIMEOUT_MS',
  'CROSSDOCK_OPEN_MAX_TOTAL',
  'CROSSDOCK_OPEN_MAX_TENANT',
  'CROSSDOCK_OPEN_MAX_DESTINATION',
  'CROSSDOCK_PUBLIC_URL',
  // Where the commands of the command line find a hub; not a setting of the hub itself.
  'CROSSDOCK_URL',
]);

/**
 * Reads the hub's settings from environment variables. Pure: nothing is read besides `env`, nothing is created.
 * @throws HubError CONFIG_INVALID with one entry per problem; `pointer` names the variable.
 */
export function loadConfig(env: Env): Config {
  const problems: ErrorDetail[] = [];
  const read = createReader(env, problems);
  const port = read.integer('CROSSDOCK_PORT', 8080, 0, 65_535);
  const host = read.text('CROSSDOCK_HOST') ?? '127.0.0.1';
  const config: Config = {
    port,
    host,
    dataDir: resolve(read.text('CROSSDOCK_DATA') ?? './data'),
    databaseUrl: read.url('DATABASE_URL', ['postgres:', 'postgresql:']),
    adminKey: read.secret('CROSSDOCK_ADMIN_KEY'),
    masterKey: read.key('CROSSDOCK_MASTER_KEY', 32),
    logLevel: read.oneOf('CROSSDOCK_LOG_LEVEL', logLevels, 'info'),
    roles: read.listOf('CROSSDOCK_ROLES', allRoles, allRoles),
    leaseMs: read.integer('CROSSDOCK_LEASE_MS', 10_000, 500, 600_000),
    appConnections: read.integer('CROSSDOCK_APP_CONNECTIONS', 12, 2, 500),
    engineConnections: read.integer('CROSSDOCK_ENGINE_CONNECTIONS', 8, 2, 500),
    stopTimeoutMs: read.integer('CROSSDOCK_STOP_TIMEOUT_MS', 20_000, 100, 600_000),
    openMax: {
      total: read.integer('CROSSDOCK_OPEN_MAX_TOTAL', 2_000_000, 100, 100_000_000),
      tenant: read.integer('CROSSDOCK_OPEN_MAX_TENANT', 1_000_000, 100, 100_000_000),
      destination: read.integer('CROSSDOCK_OPEN_MAX_DESTINATION', 500_000, 100, 100_000_000),
    },
    publicUrl: (
      read.url('CROSSDOCK_PUBLIC_URL', ['http:', 'https:']) ?? `http://${reachableHost(host)}:${port}`
    ).replace(/\/+$/, ''),
    unknownVariables: Object.keys(env).filter((name) => name.startsWith('CROSSDOCK_') && !knownVariables.has(name)),
  };
  if (problems.length > 0) {
    throw new HubError('CONFIG_INVALID', {
      message: `The configuration is invalid: ${problems.map((p) => `${p.pointer} ${p.message}`).join('; ')}`,
      errors: problems,
    });
  }
  return config;
}

/** A host for links: a wildcard address is not one that a browser can open. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

function createReader(env: Env, problems: ErrorDetail[]) {
  const report = (pointer: string, code: string, message: string): void =>
    void problems.push({ pointer, code, message });
  const text = (name: string): string | undefined => {
    const value = env[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  return {
    text,
    integer(name: string, fallback: number, least: number, most: number): number {
      const value = text(name);
      if (value === undefined) return fallback;
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= least && number <= most) return number;
      report(name, 'range', `must be a whole number from ${least} to ${most}`);
      return fallback;
    },
    oneOf<T extends string>(name: string, choices: readonly T[], fallback: T): T {
      const value = text(name);
      if (value === undefined) return fallback;
      const choice = choices.find((c) => c === value);
      if (choice === undefined) report(name, 'enum', `must be one of ${choices.join(', ')}`);
      return choice ?? fallback;
    },
    listOf<T extends string>(name: string, choices: readonly T[], fallback: readonly T[]): readonly T[] {
      const parts = (text(name) ?? '').split(',').flatMap((part) => part.trim() || []);
      if (parts.length === 0) return fallback;
      const wrong = parts.filter((part) => !choices.some((c) => c === part));
      if (wrong.length > 0) report(name, 'enum', `may hold only ${choices.join(', ')}`);
      return choices.filter((c) => parts.includes(c));
    },
    url(name: string, protocols: readonly string[]): string | undefined {
      const value = text(name);
      if (value === undefined) return undefined;
      // libpq allows an empty host (postgresql:///db?host=/socket); WHATWG URL needs one after user@.
      const parsed = URL.parse(value.replace('@/', '@localhost/'));
      if (parsed === null || !protocols.includes(parsed.protocol)) {
        report(name, 'url', `must be a URL that begins with ${protocols.join(' or ')}//`);
        return undefined;
      }
      return value;
    },
    secret(name: string): string | undefined {
      const value = text(name);
      if (value === undefined || /^[\x21-\x7e]+$/.test(value)) return value;
      // It travels in an Authorization header (RFC 6750 §2.1).
      report(name, 'charset', 'must be printable ASCII without blanks');
      return undefined;
    },
    key(name: string, lengthBytes: number): Buffer | undefined {
      const value = text(name);
      if (value === undefined) return undefined;
      const hexLength = lengthBytes * 2;
      const key = new RegExp(`^[0-9a-fA-F]{${hexLength}}$`).test(value)
        ? Buffer.from(value, 'hex')
        : Buffer.from(value, 'base64');
      if (key.length === lengthBytes) return key;
      report(name, 'length', `must be ${lengthBytes} bytes in base64 or hex`);
      return undefined;
    },
  };
}
