/** What tests of every room build on: a real PostgreSQL database each, a clock moved by hand, a folder. */
export { type ManualClock, manualClock } from './manual-clock.ts';
export { type TempDir, tempDir } from './temp-dir.ts';
export { type TestDatabase, testDatabase } from './test-database.ts';
export { type TestServer, testServer } from './test-server.ts';
export { until } from './until.ts';
