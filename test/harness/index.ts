/** What tests of every room build on: a real PostgreSQL database each, and a clock moved by hand. */
export { type ManualClock, manualClock } from './manual-clock.ts';
export { type TestDatabase, testDatabase } from './test-database.ts';
export { type TestServer, testServer } from './test-server.ts';
