-- Tenants, identities, sessions, the audit chain and the keys that secrets are sealed with. Owner: src/security.

CREATE TABLE tenant (
  id          text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name        text NOT NULL,
  demo        boolean NOT NULL DEFAULT false,
  region      text,
  created_at  timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_self ON tenant
  USING (id = current_setting('crossdock.tenant', true)) WITH CHECK (id = current_setting('crossdock.tenant', true));
-- The engine has to know which tenants there are; it sees their names and nothing else without setting one.
CREATE POLICY tenant_directory ON tenant FOR SELECT TO crossdock_engine USING (true);
GRANT SELECT, INSERT, UPDATE ON tenant TO crossdock_app;
GRANT SELECT ON tenant TO crossdock_engine;

CREATE TABLE api_key (
  tenant_id   text NOT NULL,
  id          uuid NOT NULL,
  name        text NOT NULL,
  roles       text[] NOT NULL CHECK (cardinality(roles) > 0),
  -- SHA-256 of the whole key; the key itself carries 256 random bits, so that a slow hash would add nothing.
  key_hash    bytea NOT NULL CHECK (octet_length(key_hash) = 32),
  created_at  timestamptz NOT NULL,
  created_by  text NOT NULL,
  expires_at  timestamptz,
  revoked_at  timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, key_hash)
);

CREATE TABLE app_user (
  tenant_id      text NOT NULL,
  id             uuid NOT NULL,
  email          text NOT NULL,
  display_name   text NOT NULL,
  -- Argon2id in PHC string format.
  password_hash  text NOT NULL,
  roles          text[] NOT NULL CHECK (cardinality(roles) > 0),
  active         boolean NOT NULL DEFAULT true,
  created_at     timestamptz NOT NULL,
  version        integer NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX app_user_email ON app_user (tenant_id, lower(email));

CREATE TABLE session (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  token_hash    bytea NOT NULL CHECK (octet_length(token_hash) = 32),
  -- Absent for a session opened with an API key.
  user_id       uuid,
  api_key_id    uuid,
  actor         text NOT NULL,
  display_name  text NOT NULL,
  roles         text[] NOT NULL,
  created_at    timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX session_expiry ON session (tenant_id, expires_at);

-- One chain per tenant: `hash` covers the entry and the hash before it. Rows are only ever added.
CREATE TABLE audit_entry (
  tenant_id      text NOT NULL,
  sequence       bigint NOT NULL,
  at             timestamptz NOT NULL,
  actor          text NOT NULL,
  action         text NOT NULL,
  subject_kind   text NOT NULL,
  subject_id     text NOT NULL,
  reason         text,
  -- JSON text exactly as it was hashed: jsonb would order keys anew.
  detail         text,
  previous_hash  bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
  hash           bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (tenant_id, sequence)
);
CREATE INDEX audit_entry_subject ON audit_entry (tenant_id, subject_id, sequence);

-- A tenant's data keys, each wrapped by the master key, which never enters the database.
CREATE TABLE tenant_key (
  tenant_id   text NOT NULL,
  id          uuid NOT NULL,
  wrapped     bytea NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['api_key', 'app_user', 'session', 'audit_entry', 'tenant_key'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_only ON %I USING (tenant_id = current_setting(''crossdock.tenant'', true))
                    WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON api_key, app_user TO crossdock_app;
GRANT SELECT, INSERT, DELETE ON session TO crossdock_app;
GRANT SELECT, INSERT ON audit_entry TO crossdock_app, crossdock_engine;
GRANT SELECT, INSERT ON tenant_key TO crossdock_app;
GRANT SELECT ON tenant_key TO crossdock_engine;
