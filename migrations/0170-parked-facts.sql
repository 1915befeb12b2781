-- Facts that waited a day in vain are marked, told once and kept, as reports and invoices are: they apply when what they are
-- about comes after all.
ALTER TABLE order_fact_parked ADD COLUMN orphaned_at timestamptz;
-- Of two that contradict each other the first counts, however long both waited.
ALTER TABLE order_fact_parked ADD COLUMN arrival bigint GENERATED ALWAYS AS IDENTITY;
-- The same key and sequence with another quantity waits beside the first, so that the contradiction comes out when they apply.
ALTER TABLE order_fact_parked
  ADD COLUMN quantity text NOT NULL GENERATED ALWAYS AS ((fact->>'quantity') || ' ' || (fact->>'uom')) STORED;
ALTER TABLE order_fact_parked
  DROP CONSTRAINT order_fact_parked_pkey,
  ADD PRIMARY KEY (tenant_id, parent, source, document, line_no, kind, sequence, quantity);

CREATE INDEX order_fact_parked_waiting ON order_fact_parked (tenant_id, parked_at) WHERE orphaned_at IS NULL;
DROP INDEX order_fact_parked_age;
