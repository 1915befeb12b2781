/** What tests and benchmarks use of the lab. */
export type { Dials, Fault, Profile } from './dials.ts';
export type { Effect } from './effect-log.ts';
export { type Ridgeline, ridgeline } from './ridgeline.ts';
export { type Lab, type LabOptions, startLab, SYSTEMS, type SystemName, type SystemSecrets } from './supervisor.ts';
