/** Where the `crossdock edi …` verbs write, and how: at the reader's pace, in colour where it is wanted. */
import { interchangeText } from '../edi/index.ts';

export interface EdiCommandContext {
  /** May return a promise: nothing more is written before it is kept, so that a slow reader slows the command down. */
  out?: (text: string) => unknown;
  /** Raw, as EDI is in whatever character set its envelope names. */
  bytes?: (bytes: Uint8Array) => unknown;
  err?: (text: string) => void;
  now?: () => Date;
  setExitCode?: (code: number) => void;
  /** Colours; by default on a terminal. */
  color?: boolean;
}

export interface Io {
  out: (text: string) => unknown;
  bytes: (bytes: Uint8Array) => unknown;
  err: (text: string) => void;
  now: () => Date;
  exit: (code: number) => void;
  color: boolean;
}

let watching = false;

/** Write a line; when standard output is full, the promise is kept once it has drained. */
function writeLine(text: string): Promise<void> | undefined {
  return writeOut(`${text}\n`);
}

/** As they are; a terminal also gets the line end that they may lack. */
function writeBytes(bytes: Uint8Array): Promise<void> | undefined {
  const ends = bytes.at(-1) === 0x0a || process.stdout.isTTY !== true;
  return writeOut(ends ? bytes : Buffer.concat([bytes, Buffer.from('\n')]));
}

function writeOut(content: string | Uint8Array): Promise<void> | undefined {
  if (!watching) endWithReader();
  if (process.stdout.write(content)) return undefined;
  return new Promise((resolve) => process.stdout.once('drain', resolve));
}

/** Whoever reads our output may stop early, as `head` does: that ends the command and is no fault. */
function endWithReader(): void {
  watching = true;
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') throw cause;
    process.exit();
  });
}

/** Colours on a terminal, unless NO_COLOR or `--no-color` declines them. */
function wantsColor(): boolean {
  const declined = (process.env.NO_COLOR ?? '') !== '' || process.argv.includes('--no-color');
  return process.stdout.isTTY === true && !declined;
}

export function ioOf(context: EdiCommandContext): Io {
  const { out } = context;
  return {
    out: out ?? writeLine,
    bytes: context.bytes ?? (out === undefined ? writeBytes : (bytes) => out(interchangeText(bytes).trimEnd())),
    err: context.err ?? ((text) => process.stderr.write(`${text}\n`)),
    now: context.now ?? (() => new Date()),
    color: context.color ?? wantsColor(),
    exit:
      context.setExitCode ??
      ((code) => {
        process.exitCode = Math.max(Number(process.exitCode ?? 0), code);
      }),
  };
}
