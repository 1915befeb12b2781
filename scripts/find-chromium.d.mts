/** A Chromium of this machine, or the one that CHROMIUM_PATH names; undefined when there is none. */
export function findChromium(env?: Record<string, string | undefined>): string | undefined;

/** How the tests start it. */
export const chromiumArgs: string[];
