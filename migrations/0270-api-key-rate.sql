-- How many requests a minute a key may make. Null: what the hub is set to, which is no limit unless somebody says so.
ALTER TABLE api_key ADD COLUMN requests_per_minute integer CHECK (requests_per_minute BETWEEN 1 AND 1000000);
