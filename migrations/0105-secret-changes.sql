-- When each secret of a connection was stored last, by its name: what an overdue rotation is seen by. Values stay sealed.
ALTER TABLE connection ADD COLUMN secrets_changed jsonb NOT NULL DEFAULT '{}';
