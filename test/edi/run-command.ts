/** The verbs on EDI files as a test runs them: in this process, over files of a folder that goes with the test file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll } from 'vitest';
import { registerEdiCommands } from '../../src/cli/edi.ts';

export const folder = mkdtempSync(join(tmpdir(), 'crossdock-edi-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a file. @returns its path */
export function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Told {
  out: string[];
  err: string;
  /** The worst exit code. */
  code: number;
}

async function runWith(args: string[], bytes?: (bytes: Uint8Array) => void): Promise<Told> {
  const out: string[] = [];
  const err: string[] = [];
  let code = 0;
  const program = new Command('crossdock');
  registerEdiCommands(program, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    ...(bytes === undefined ? {} : { bytes }),
    now: () => new Date('2026-06-02T10:00:00Z'),
    setExitCode: (next) => {
      code = Math.max(code, next);
    },
  });
  await program.parseAsync(['node', 'crossdock', 'edi', ...args]);
  return { out, err: err.join('\n'), code };
}

/** `crossdock edi …` */
export const run = (...args: string[]): Promise<Told> => runWith(args);

/** The same where interchanges are wanted byte for byte, and not as text. */
export async function runForBytes(...args: string[]): Promise<Told & { raw: Buffer }> {
  const raw: Uint8Array[] = [];
  const told = await runWith(args, (bytes) => raw.push(bytes));
  return { ...told, raw: Buffer.concat(raw) };
}
