import { createInterface } from 'node:readline/promises';

/** Asks on the terminal; no without one, and for anything but y or yes. */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`${question} [y/N] `).finally(() => prompt.close());
  return /^y(es)?$/i.test(answer.trim());
}
