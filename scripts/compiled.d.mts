/** For every process that runs modules of the hub. */
export const compiledEnv: { NODE_COMPILE_CACHE: string };

/** Has all modules of the hub and the lab compiled if they differ from the last time. */
export function ensureCompiled(): Promise<void>;
