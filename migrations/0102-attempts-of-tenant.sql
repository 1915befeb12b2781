-- The batches of a tenant's attempts, for reading by position. Row-level security makes every condition wait that PostgreSQL does not
-- know to be leakproof, and `@>` of ranges is none: under the table's policy the index on `span` could never be used, and
-- finding one attempt read every batch there was. The view's owner has a policy without condition; what restricts the
-- rows to the tenant is the view's own, which waits for nothing.
CREATE VIEW attempt_batch_of_tenant AS
  SELECT id, tenant_id, span, positions, members FROM attempt_batch
  WHERE tenant_id = current_setting('crossdock.tenant', true);
GRANT CREATE ON SCHEMA public TO crossdock_engine;
ALTER VIEW attempt_batch_of_tenant OWNER TO crossdock_engine;
REVOKE CREATE ON SCHEMA public FROM crossdock_engine;
-- By its new owner: whoever made it may have lost the right to.
SET LOCAL ROLE crossdock_engine;
GRANT SELECT ON attempt_batch_of_tenant TO crossdock_app;
RESET ROLE;
