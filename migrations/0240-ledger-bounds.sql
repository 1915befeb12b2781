-- Ids of the ledger hold 48 bits of milliseconds since 1970. An instant before that came out as ffff…, behind every row,
-- so that a legal hold since 1960 protected nothing; one after the year 10889 broke the id. Both are cut to what an id can
-- hold: nothing in the ledger lies beyond it. `infinity` counts as the end.
CREATE OR REPLACE FUNCTION ledger_uuid_at(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7000-8000-000000000000')::uuid
  FROM (SELECT lpad(to_hex(greatest(0, least(281474976710655, extract(epoch FROM at) * 1000))::bigint), 12, '0') AS h) AS t
$$;
