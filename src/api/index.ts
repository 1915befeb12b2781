/** The HTTP face of the hub: routes, their contract, and what is derived from them. */
export type * from './contract.ts';
export { createOpenApi } from './openapi.ts';
export { routes } from './routes.ts';
export { eventStreamsOf } from './routes/doors.ts';
export { type ApiOptions, createApi } from './server.ts';
export { bodyLimitBytes } from './take-bodies.ts';
export type { ApiServices, ExceptionDeed } from './services.ts';
