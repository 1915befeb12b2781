-- Trading partner agreements, cross-references and overlays.

CREATE TABLE agreement (
  tenant_id text NOT NULL,
  id text NOT NULL,
  partner text NOT NULL,
  standard text NOT NULL,
  -- `qualifier:id` of both ends, for matching an interchange.
  us text NOT NULL,
  them text NOT NULL,
  active boolean NOT NULL,
  body jsonb NOT NULL,
  version integer NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
-- An interchange must find one agreement: production and test of one pair of addresses are told apart by usage.
CREATE UNIQUE INDEX agreement_address ON agreement (tenant_id, standard, them, us, (body ->> 'usage')) WHERE active;
CREATE INDEX agreement_partner ON agreement (tenant_id, partner);

CREATE TABLE cross_reference (
  tenant_id text NOT NULL,
  id text NOT NULL,
  scope text NOT NULL,
  type text NOT NULL,
  external text NOT NULL,
  canonical text NOT NULL,
  valid_from date NOT NULL DEFAULT '-infinity',
  valid_to date NOT NULL DEFAULT 'infinity',
  confidence integer NOT NULL DEFAULT 100,
  approved_by text,
  note text,
  version integer NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK (valid_from <= valid_to)
);
CREATE UNIQUE INDEX cross_reference_period ON cross_reference (tenant_id, scope, type, external, valid_from);
CREATE INDEX cross_reference_canonical ON cross_reference (tenant_id, type, canonical);

CREATE TABLE overlay (
  tenant_id text NOT NULL,
  agreement text NOT NULL,
  map text NOT NULL,
  rows jsonb NOT NULL,
  version integer NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, agreement, map)
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['agreement', 'cross_reference', 'overlay'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = current_setting(''crossdock.tenant'', true)) WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', t);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON agreement, cross_reference, overlay TO crossdock_app, crossdock_engine;
