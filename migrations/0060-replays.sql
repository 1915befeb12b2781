-- Plans for sending deliveries again: what was chosen, what would come of it, who approved it, how far it has got.
-- A plan is worked in bounded batches from these rows alone, so that a hub that stops goes on where it was.

CREATE TABLE replay_plan (
  tenant_id text NOT NULL,
  id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('planned', 'running', 'finished', 'cancelled')),
  mode text NOT NULL CHECK (mode IN ('original', 'current', 'diff')),
  control_numbers text NOT NULL CHECK (control_numbers IN ('keep', 'new')),
  dedupe text NOT NULL CHECK (dedupe IN ('keep', 'new')),
  selection jsonb NOT NULL,
  reason text NOT NULL,
  rate_per_minute integer NOT NULL CHECK (rate_per_minute BETWEEN 1 AND 60000),
  -- Why a second person has to agree; empty: nobody has to.
  approval_reasons text[] NOT NULL DEFAULT '{}',
  preview jsonb NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  approved_by text,
  approved_at timestamptz,
  started_by text,
  started_at timestamptz,
  -- Up to when the rate's allowance has been used.
  paced_at timestamptz,
  ended_by text,
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  -- Two persons, also for whoever writes rows past the application.
  CHECK (approved_by IS NULL OR approved_by <> created_by)
);
CREATE INDEX replay_plan_running ON replay_plan (tenant_id, started_at) WHERE state = 'running';

CREATE TABLE replay_item (
  tenant_id text NOT NULL,
  plan_id uuid NOT NULL,
  -- As delivery.position: a plan goes through its deliveries in their order.
  position bigint NOT NULL,
  delivery_id uuid NOT NULL,
  destination text NOT NULL,
  operation text NOT NULL,
  key text NOT NULL,
  state_before text NOT NULL,
  state text NOT NULL CHECK (state IN ('pending', 'queued', 'compared', 'skipped')),
  -- Why it was passed over.
  note text,
  -- diff: whether today's output is another one, and the lines that differ.
  differs boolean,
  difference jsonb,
  new_delivery_id uuid,
  worked_at timestamptz,
  PRIMARY KEY (tenant_id, plan_id, position),
  FOREIGN KEY (tenant_id, plan_id) REFERENCES replay_plan (tenant_id, id)
);
CREATE INDEX replay_item_pending ON replay_item (tenant_id, plan_id, position) WHERE state = 'pending';

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['replay_plan', 'replay_item'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %I TO crossdock_app
      USING (tenant_id = current_setting(''crossdock.tenant'', true))
      WITH CHECK (tenant_id = current_setting(''crossdock.tenant'', true))', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO crossdock_app', name);
  END LOOP;
END $$;
