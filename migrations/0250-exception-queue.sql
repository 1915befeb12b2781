-- The queue of what is open is read in three orders; without these a page of it would sort all that is open, or pass all that was
-- ever resolved.
CREATE INDEX exception_open_newest ON exception (tenant_id, id) WHERE resolved_at IS NULL;
CREATE INDEX exception_open_due ON exception (tenant_id, sla_due, id) WHERE resolved_at IS NULL;
CREATE INDEX exception_open_severity ON exception
  (tenant_id, (CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END), sla_due, id)
  WHERE resolved_at IS NULL;

-- What its end has made: the order that a repeated purchase order became, the message that replaced another.
ALTER TABLE exception ADD COLUMN outcome_refs jsonb;
