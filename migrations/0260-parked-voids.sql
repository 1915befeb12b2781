-- The word that a shipment never left can come before the report that makes the shipment. Its parent_key names the release and
-- the document: `1000001-1|wms-dc1|PK-7`.
ALTER TABLE parked_report
  DROP CONSTRAINT parked_report_kind_check,
  ADD CONSTRAINT parked_report_kind_check CHECK (kind IN ('packed', 'shipment', 'tracking', 'void'));
