import { crashAtPoints } from './crash-at-points.ts';
import type { FaultKind } from './kind.ts';
import { randomKills } from './random-kills.ts';

/** Every kind of fault that a long run does. */
export const faultKinds: readonly FaultKind[] = [crashAtPoints, randomKills];
