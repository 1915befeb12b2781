-- Which items' availability a transaction may have changed, so that what is kept of it in memory can be read again. Written
-- by everybody who changes stock, in the same transaction; '' stands for every item (sites changed). Rows are only ever
-- added, and pruned when they are minutes old: a counter per item would leave a dead row behind for every order of it.
-- `xid` with the reader's last snapshot tells exactly what has committed since, however late it commits: a sequence cannot.
CREATE TABLE stock_change (
  tenant_id text NOT NULL DEFAULT current_setting('crossdock.tenant'),
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  sku text NOT NULL,
  noted_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stock_change_since ON stock_change (tenant_id, xid);

ALTER TABLE stock_change ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON stock_change USING (tenant_id = current_setting('crossdock.tenant', true))
  WITH CHECK (tenant_id = current_setting('crossdock.tenant', true));
GRANT SELECT, INSERT, DELETE ON stock_change TO crossdock_app, crossdock_engine;
