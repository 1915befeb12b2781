/** What every room stands on: configuration, errors, ids, time, logging, metrics, and the database connection. */
export {
  type DatabaseSettings,
  checkDatabaseSettings,
  judgeDatabaseSettings,
} from './check-database-settings.ts';
export { type BackUpOptions, backUpDatabase } from './back-up-database.ts';
export { type BackUpServerOptions, backUpServer } from './back-up-server.ts';
export { type BackedUpTable, type BackupManifest, readManifest } from './backup-manifest.ts';
export { type BinaryArray, binaryArray, columnsOf } from './binary-array.ts';
export { type Clock, systemClock } from './clock.ts';
export { type Config, type HubRole, loadConfig, type Setting, settings } from './config.ts';
export { type DatabaseClock, startDatabaseClock } from './database-clock.ts';
export {
  type DatabaseMark,
  type ServerIdentity,
  advanceMark,
  beginHistory,
  judgeMark,
  noteMark,
  readMark,
  readMarksSeen,
  readServerIdentity,
} from './database-mark.ts';
export {
  type CommittableTx,
  type DatabaseRole,
  type Db,
  type DbStats,
  type OpenDatabaseOptions,
  type Sql,
  type Statement,
  type Tx,
  databaseTypes,
  openDatabase,
} from './db.ts';
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded-postgres.ts';
export { type EmbeddedPostgresFound, inspectEmbeddedPostgres } from './inspect-embedded-postgres.ts';
export { type Disposition, type ErrorCatalogEntry, type ErrorCode, errorCatalog } from './error-catalog.ts';
export { type ErrorDetail, HubError, type HubErrorOptions, isHubError } from './errors.ts';
export { firstRepeated } from './first-repeated.ts';
export { instantText } from './instant-text.ts';
export { isUuid, stampIdsBy, uuidv7, uuidv7TimeMs, writeRandomHex } from './ids.ts';
export { lastOfSequence } from './last-of-sequence.ts';
export { type LogLevel, type Logger, createLogger, silentLogger } from './log.ts';
export {
  type Counter,
  type Gauge,
  type Histogram,
  type Metrics,
  createMetrics,
} from './metrics.ts';
export { type Migration, migrate, readMigrations } from './migrate.ts';
export { addDays, isCalendarDay, isInstant, isTimeZone, localDate } from './local-date.ts';
export { readServerClockSkewMs } from './read-server-clock.ts';
export { RecentMap, rowKey } from './recent-map.ts';
export { refreshStatistics } from './refresh-statistics.ts';
export { makeDataFolder, othersInDataFolder } from './data-folder.ts';
export { type RestoreOptions, restoreDatabase } from './restore-database.ts';
export { refuseUnfinishedRestore } from './restore-marker.ts';
export { type SchemaCheck, type SchemaCheckOptions, describeFormat, isCurrency, schemaCheck } from './schema-check.ts';
export { isUniqueViolation, sqlState } from './sql-errors.ts';
export { listenFailure, tryPort } from './start-conditions.ts';
export { isStorableText } from './storable-text.ts';
export { joined, runGroup, type StatementGroup } from './statement-group.ts';
export { type Stopper, createStopper, stopOnSignals } from './stop.ts';
export { withOwner } from './with-owner.ts';
export { hubVersion } from './hub-version.ts';
