import { type DestinationStream, type Logger as PinoLogger, destination, pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * WARN means recoverable with no data lost; ERROR means that an operator is needed.
 * A first argument that is an object becomes fields of the line; `err` holds an error.
 */
export interface LogMethod {
  (fields: object, message?: string): void;
  (message: string): void;
}

export interface Logger {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  child(fields: Record<string, unknown>): Logger;
}

// Names under which secrets travel through this code base, at the top of a line and one or two levels down.
const secretNames = [
  'password',
  'secret',
  'secrets',
  'apiKey',
  'adminKey',
  'masterKey',
  'token',
  'authorization',
  'Authorization',
  'cookie',
  'Cookie',
  '["set-cookie"]',
  '["webhook-signature"]',
  'privateKey',
  'databaseUrl',
];
const redactedPaths = secretNames.flatMap((name) =>
  name.startsWith('[') ? [name, `*${name}`, `*.*${name}`] : [name, `*.${name}`, `*.*.${name}`],
);

/**
 * Writes JSON lines to standard error: standard output carries results only.
 *
 * @param options.to another destination, for tests.
 */
export function createLogger(options: { level: LogLevel; name: string; to?: DestinationStream }): Logger {
  const logger: PinoLogger = pino(
    {
      level: options.level,
      name: options.name,
      base: { name: options.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[redacted]' },
    },
    options.to ?? destination({ dest: 2, sync: true }),
  );
  return logger;
}

/** A logger that writes nothing. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};
