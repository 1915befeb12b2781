/** Exit codes of `crossdock`; scripts rely on them, so that they never change their meaning. */
export const exitCodes = {
  ok: 0,
  /** The hub, a check or a file said no: the output says why. */
  refused: 1,
  /** The command line is wrong, or an input cannot be read. */
  usage: 2,
  /** No hub answers at the address. */
  unreachable: 3,
  /** The key is missing, wrong, or lacks the role. */
  unauthorized: 4,
  /** There is no such thing. */
  notFound: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What `code` says with `--json` where the hub has not said it itself. */
export const failureCodes: Readonly<Record<ExitCode, string>> = {
  [exitCodes.ok]: 'OK',
  [exitCodes.refused]: 'REFUSED',
  [exitCodes.usage]: 'USAGE',
  [exitCodes.unreachable]: 'UNREACHABLE',
  [exitCodes.unauthorized]: 'UNAUTHORIZED',
  [exitCodes.notFound]: 'NOT_FOUND',
};

/** Ends a command with a message for people on standard error and a code for scripts. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;
  /** What `--json` prints beside `error` and `code`, or in their place. */
  readonly result: unknown;

  constructor(exitCode: ExitCode, message: string, result?: unknown) {
    super(message);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
    this.result = result ?? {};
  }
}
