-- Idempotency keys of the API: unpartitioned, so that one unique index decides; bounded by retention.
CREATE TABLE idempotency_key (
  tenant_id text NOT NULL,
  -- First 16 bytes of the SHA-256 of scope and key.
  key_hash bytea NOT NULL,
  request_hash bytea NOT NULL,
  -- Null while the first request is still being worked on.
  status integer,
  response jsonb,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, key_hash)
);
-- Rows are added in the order of their age, so a block range index finds the old ones and costs an insert next to nothing.
CREATE INDEX idempotency_key_age ON idempotency_key USING brin (recorded_at);
ALTER TABLE idempotency_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency_key USING (tenant_id = current_setting('crossdock.tenant', true)) WITH CHECK (tenant_id = current_setting('crossdock.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_key TO crossdock_app, crossdock_engine;
