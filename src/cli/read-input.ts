import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

/** A file whole, or standard input where the file is `-`. @throws the system's error when it cannot be read */
export function readInput(file: string): Promise<Buffer> {
  return file === '-' ? buffer(process.stdin) : readFile(file);
}
