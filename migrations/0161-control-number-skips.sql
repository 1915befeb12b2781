-- Where a series was moved on when the database was put back: what was sent under these numbers is not known here, which is
-- something else than that nothing was.
ALTER TABLE control_number ADD COLUMN skipped_from bigint, ADD COLUMN skipped_to bigint;
