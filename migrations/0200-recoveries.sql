-- How often in a row a send of it came to no recorded outcome: bounded, or a delivery whose outcome cannot be recorded would
-- be sent without end.
ALTER TABLE delivery_parked ADD COLUMN recoveries smallint NOT NULL DEFAULT 0,
  -- Why its last send had no definite answer: the schedule of that reason bounds its tries.
  ADD COLUMN reason text,
  -- Refused, while an earlier send without an answer may stand: it stays unknown whatever is tried next.
  ADD COLUMN unsure boolean NOT NULL DEFAULT false;
