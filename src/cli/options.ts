import { CommandFailure, exitCodes } from './exit-codes.ts';

/** Of every command that changes something. */
export const reasonOption = ['--reason <text>', 'why; kept in the audit chain'] as const;

/** @throws CommandFailure usage */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new CommandFailure(exitCodes.usage, `${name} takes a whole number from ${least} to ${most}`);
}
