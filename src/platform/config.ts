import { isIP } from 'node:net';
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
  /** How long a file in a partner's folder must have been the same before it is taken. */
  readonly folderSettleMs: number;
  /** How long a graceful stop waits for work in progress before it gives up. */
  readonly stopTimeoutMs: number;
  /** Open deliveries of the hub, of a tenant, and for a destination beyond which the doors take nothing new. */
  readonly openMax: { readonly total: number; readonly tenant: number; readonly destination: number };
  /** Documents that one EDI message may hold; one with more waits for a person. */
  readonly ediDocumentsMax: number;
  /** Requests a minute that an API key without a limit of its own may make of this process; 0: as many as it likes. */
  readonly requestsPerMinute: number;
  /** The address under which people and partners reach the hub, for links; no slash at the end. */
  readonly publicUrl: string;
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Variables that begin with CROSSDOCK_ and mean nothing to the hub: likely typing errors, worth a warning. */
  readonly unknownVariables: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

const allRoles: readonly HubRole[] = ['api', 'worker', 'scheduler'];
const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** One variable of the environment: its name, what may stand in it, and what the reference says of it. */
export interface Setting {
  readonly variable: string;
  /** For people, in docs/reference/settings.md. */
  readonly what: string;
  /** What is used when it is absent; in words where that is not one value. */
  readonly fallback?: number | string | readonly string[];
  /** Bounds of a whole number, both allowed. */
  readonly least?: number;
  readonly most?: number;
  /** What may stand in it: one of these, or some of them with commas between. */
  readonly choices?: readonly string[];
  /** How a URL may begin. */
  readonly protocols?: readonly string[];
  /** How short a secret may be, in characters. */
  readonly leastLength?: number;
  /** How long a key is. */
  readonly lengthBytes?: number;
}

/**
 * Every variable that means something to the hub: the one place that names them. `loadConfig` reads by it, and
 * docs/reference/settings.md is written from it by `node scripts/generate-reference.mjs`.
 */
export const settings = {
  port: {
    variable: 'CROSSDOCK_PORT',
    what: 'the TCP port of API, console and webhooks; 0 takes a free one',
    fallback: 8080,
    least: 0,
    most: 65_535,
  },
  host: {
    variable: 'CROSSDOCK_HOST',
    what: 'the address it listens on; `0.0.0.0` to be reached from elsewhere',
    fallback: '127.0.0.1',
  },
  publicUrl: {
    variable: 'CROSSDOCK_PUBLIC_URL',
    what: 'the address that people and webhooks use, for links; with `https:` cookies are sent over TLS only',
    fallback: 'host and port, as `http:`; `localhost` where the host is a wildcard',
    protocols: ['http:', 'https:'],
  },
  dataDir: {
    variable: 'CROSSDOCK_DATA',
    what: "the folder of the embedded database, keys, archives and partners' folders",
    fallback: './data',
  },
  databaseUrl: {
    variable: 'DATABASE_URL',
    what: "any PostgreSQL from 15 on, as the schema's owner",
    fallback: "a PostgreSQL of the hub's own in the data folder",
    protocols: ['postgres:', 'postgresql:'],
  },
  adminKey: {
    variable: 'CROSSDOCK_ADMIN_KEY',
    what: "presets the admin's API key, 16 characters at least; the command line signs in with it",
    leastLength: 16,
    fallback: 'made at first start, kept in the data folder',
  },
  masterKey: {
    variable: 'CROSSDOCK_MASTER_KEY',
    what: 'encrypts stored secrets',
    fallback: 'made at first start, kept in the data folder',
    lengthBytes: 32,
  },
  roles: {
    variable: 'CROSSDOCK_ROLES',
    what: "which parts this process runs: HTTP, the lanes, the partners' folders and what goes by the clock",
    fallback: allRoles,
    choices: allRoles,
  },
  logLevel: {
    variable: 'CROSSDOCK_LOG_LEVEL',
    what: 'from which level on JSON lines are written to standard error',
    fallback: 'info',
    choices: logLevels,
  },
  leaseMs: {
    variable: 'CROSSDOCK_LEASE_MS',
    what: 'milliseconds that a worker owns a lane without renewing it; after a crash others take over that much later',
    fallback: 10_000,
    least: 500,
    most: 600_000,
  },
  appConnections: {
    variable: 'CROSSDOCK_APP_CONNECTIONS',
    what: 'connections to the database for requests and flows, at most, per process',
    fallback: 12,
    least: 2,
    most: 500,
  },
  engineConnections: {
    variable: 'CROSSDOCK_ENGINE_CONNECTIONS',
    what: 'connections to the database for the lanes, at most, per process',
    fallback: 8,
    least: 2,
    most: 500,
  },
  folderSettleMs: {
    variable: 'CROSSDOCK_FOLDER_SETTLE_MS',
    what: "milliseconds that a file in a partner's folder must have been the same before it is taken",
    fallback: 1_000,
    least: 0,
    most: 3_600_000,
  },
  stopTimeoutMs: {
    variable: 'CROSSDOCK_STOP_TIMEOUT_MS',
    what: 'milliseconds that a stop by SIGTERM waits for work in progress',
    fallback: 20_000,
    least: 100,
    most: 600_000,
  },
  openMaxTotal: {
    variable: 'CROSSDOCK_OPEN_MAX_TOTAL',
    what: 'open deliveries of the hub beyond which the doors answer 503',
    fallback: 2_000_000,
    least: 100,
    most: 100_000_000,
  },
  openMaxTenant: {
    variable: 'CROSSDOCK_OPEN_MAX_TENANT',
    what: 'the same for one tenant; `PUT /v1/intake` sets another for a tenant',
    fallback: 1_000_000,
    least: 100,
    most: 100_000_000,
  },
  openMaxDestination: {
    variable: 'CROSSDOCK_OPEN_MAX_DESTINATION',
    what: "the same for one destination; a destination's `openMax` sets another",
    fallback: 500_000,
    least: 100,
    most: 100_000_000,
  },
  ediDocumentsMax: {
    variable: 'CROSSDOCK_EDI_DOCUMENTS_MAX',
    what: 'documents that one EDI message may hold; one with more waits for a person',
    fallback: 10_000,
    least: 1,
    most: 1_000_000,
  },
  requestsPerMinute: {
    variable: 'CROSSDOCK_REQUESTS_PER_MINUTE',
    what: 'requests a minute that an API key without a limit of its own may make of each process; 0: no limit',
    fallback: 0,
    least: 0,
    most: 1_000_000,
  },
  trustedProxies: {
    variable: 'CROSSDOCK_TRUSTED_PROXIES',
    what: 'addresses and networks of proxies whose `X-Forwarded-For` is believed, with commas between',
    fallback: 'none',
  },
  hubUrl: {
    variable: 'CROSSDOCK_URL',
    what: 'where the commands of the command line find a hub; the hub itself does not read it',
    fallback: '`http://127.0.0.1:` and the port',
    protocols: ['http:', 'https:'],
  },
} as const satisfies Record<string, Setting>;

/**
 * Reads the hub's settings from environment variables. Pure: nothing is read besides `env`, nothing is created.
 * @throws HubError CONFIG_INVALID with one entry per problem; `pointer` names the variable.
 */
export function loadConfig(env: Env): Config {
  const problems: ErrorDetail[] = [];
  const read = createReader(env, problems);
  const port = read.integer(settings.port);
  const host = read.text(settings.host) ?? settings.host.fallback;
  const known = new Set<string>(Object.values(settings).map(({ variable }) => variable));
  const config: Config = {
    port,
    host,
    dataDir: resolve(read.text(settings.dataDir) ?? settings.dataDir.fallback),
    databaseUrl: read.url(settings.databaseUrl),
    adminKey: read.secret(settings.adminKey),
    masterKey: read.key(settings.masterKey),
    logLevel: read.oneOf(settings.logLevel),
    roles: read.listOf(settings.roles),
    leaseMs: read.integer(settings.leaseMs),
    appConnections: read.integer(settings.appConnections),
    engineConnections: read.integer(settings.engineConnections),
    folderSettleMs: read.integer(settings.folderSettleMs),
    stopTimeoutMs: read.integer(settings.stopTimeoutMs),
    openMax: {
      total: read.integer(settings.openMaxTotal),
      tenant: read.integer(settings.openMaxTenant),
      destination: read.integer(settings.openMaxDestination),
    },
    publicUrl: (read.url(settings.publicUrl) ?? `http://${reachableHost(host)}:${port}`).replace(/\/+$/, ''),
    ediDocumentsMax: read.integer(settings.ediDocumentsMax),
    requestsPerMinute: read.integer(settings.requestsPerMinute),
    trustedProxies: read.networks(settings.trustedProxies),
    unknownVariables: Object.keys(env).filter((name) => name.startsWith('CROSSDOCK_') && !known.has(name)),
  };
  if (problems.length > 0) {
    throw new HubError('CONFIG_INVALID', {
      message: `The configuration is invalid: ${problems.map((p) => `${p.pointer} ${p.message}`).join('; ')}`,
      errors: problems,
    });
  }
  return config;
}

const isPrefix = (text: string, most: number): boolean => /^\d{1,3}$/.test(text) && Number(text) <= most;

/** A host for links: a wildcard address is not one that a browser can open. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

type Named = Pick<Setting, 'variable'>;

/** A setting that is read as a whole number. */
interface NumberSetting extends Named {
  readonly fallback: number;
  readonly least: number;
  readonly most: number;
}

/** A setting that is read as one of its choices, or as some of them where the fallback is a list. */
interface ChoiceSetting<Choice, Fallback> extends Named {
  readonly choices: readonly Choice[];
  readonly fallback: Fallback;
}

function createReader(env: Env, problems: ErrorDetail[]) {
  const report = (pointer: string, code: string, message: string): void =>
    void problems.push({ pointer, code, message });
  const text = ({ variable }: Named): string | undefined => {
    const value = env[variable]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  return {
    text,
    integer(setting: NumberSetting): number {
      const { variable, fallback, least, most } = setting;
      const value = text(setting);
      if (value === undefined) return fallback;
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= least && number <= most) return number;
      report(variable, 'range', `must be a whole number from ${least} to ${most}`);
      return fallback;
    },
    oneOf<T extends string>(setting: ChoiceSetting<T, T>): T {
      const value = text(setting);
      if (value === undefined) return setting.fallback;
      const choice = setting.choices.find((c) => c === value);
      if (choice === undefined) report(setting.variable, 'enum', `must be one of ${setting.choices.join(', ')}`);
      return choice ?? setting.fallback;
    },
    listOf<T extends string>(setting: ChoiceSetting<T, readonly T[]>): readonly T[] {
      const { choices } = setting;
      const parts = (text(setting) ?? '').split(',').flatMap((part) => part.trim() || []);
      if (parts.length === 0) return setting.fallback;
      const wrong = parts.filter((part) => !choices.some((c) => c === part));
      if (wrong.length > 0) report(setting.variable, 'enum', `may hold only ${choices.join(', ')}`);
      return choices.filter((c) => parts.includes(c));
    },
    url(setting: Named & { readonly protocols: readonly string[] }): string | undefined {
      const value = text(setting);
      if (value === undefined) return undefined;
      // libpq allows an empty host (postgresql:///db?host=/socket); WHATWG URL needs one after user@.
      const parsed = URL.parse(value.replace('@/', '@localhost/'));
      if (parsed === null || !setting.protocols.includes(parsed.protocol)) {
        report(setting.variable, 'url', `must be a URL that begins with ${setting.protocols.join(' or ')}//`);
        return undefined;
      }
      return value;
    },
    secret(setting: Named & { readonly leastLength: number }): string | undefined {
      const value = text(setting);
      if (value === undefined) return value;
      const { variable, leastLength } = setting;
      // It travels in an Authorization header (RFC 6750 §2.1).
      if (!/^[\x21-\x7e]+$/.test(value)) report(variable, 'charset', 'must be printable ASCII without blanks');
      else if (value.length < leastLength) {
        report(variable, 'length', `must have ${leastLength} characters or more; make one by: openssl rand -base64 32`);
      } else return value;
      return undefined;
    },
    networks(setting: Named): readonly string[] {
      const parts = (text(setting) ?? '').split(',').flatMap((part) => part.trim() || []);
      const isNetwork = (part: string): boolean => {
        const [address = '', prefix, ...rest] = part.split('/');
        const bits = isIP(address) === 4 ? 32 : 128;
        return isIP(address) !== 0 && rest.length === 0 && (prefix === undefined || isPrefix(prefix, bits));
      };
      if (!parts.every(isNetwork))
        report(setting.variable, 'network', 'may hold only addresses and networks, such as 10.0.0.5,10.1.0.0/16');
      return parts;
    },
    key(setting: Named & { readonly lengthBytes: number }): Buffer | undefined {
      const value = text(setting);
      if (value === undefined) return undefined;
      const hexLength = setting.lengthBytes * 2;
      const key = new RegExp(`^[0-9a-fA-F]{${hexLength}}$`).test(value)
        ? Buffer.from(value, 'hex')
        : Buffer.from(value, 'base64');
      if (key.length === setting.lengthBytes) return key;
      report(setting.variable, 'length', `must be ${setting.lengthBytes} bytes in base64 or hex`);
      return undefined;
    },
  };
}
