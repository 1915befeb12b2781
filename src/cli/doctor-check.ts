/** One thing that was looked at, and what to do about it where it is not as it should be. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failing';
  readonly detail: string;
  readonly fix?: string;
}

export const ok = (name: string, detail: string): Check => ({ name, state: 'ok', detail });
export const warning = (name: string, detail: string, fix: string): Check => ({ name, state: 'warning', detail, fix });
export const failing = (name: string, detail: string, fix: string): Check => ({ name, state: 'failing', detail, fix });

export function ageWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 2) return `${Math.max(0, Math.round(ms / 1_000))} s`;
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} d`;
}
