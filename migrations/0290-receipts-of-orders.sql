-- What has come in of an order: `received` of what was expected, `over_received` beyond it and within the tolerance. With what
-- is still expected they give the order's own quantity, from which the tolerance is reckoned.
ALTER TABLE expected_supply
  ADD COLUMN over_pct numeric CHECK (over_pct BETWEEN 0 AND 100),
  ADD COLUMN received numeric NOT NULL DEFAULT 0 CHECK (received >= 0),
  ADD COLUMN over_received numeric NOT NULL DEFAULT 0 CHECK (over_received >= 0);
