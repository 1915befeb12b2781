-- How many processes have begun to translate a message that an earlier one had left behind. Counted before the bytes are
-- read and committed by itself: a message that ends whoever reads it has to be known by something that survives that.
ALTER TABLE message ADD COLUMN tries smallint NOT NULL DEFAULT 0, ADD COLUMN tried_by uuid;
GRANT UPDATE (tries, tried_by) ON message TO crossdock_app, crossdock_engine;
