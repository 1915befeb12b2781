-- What people say about an order, beside what has happened to it.
CREATE TABLE order_comment (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  id uuid NOT NULL,
  order_id uuid NOT NULL,
  text text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 2000),
  -- Who, and what they were called then.
  author text NOT NULL,
  author_name text NOT NULL,
  written_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX order_comment_order ON order_comment (tenant_id, order_id, id);
ALTER TABLE order_comment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON order_comment TO crossdock_app, crossdock_engine
  USING (tenant_id = current_setting('crossdock.tenant', true))
  WITH CHECK (tenant_id = current_setting('crossdock.tenant', true));
-- Immutable by right, not by habit.
GRANT SELECT, INSERT ON order_comment TO crossdock_app, crossdock_engine;
