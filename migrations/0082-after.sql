-- A delivery that must not go before another one has: of another key or another destination. Its own key's order needs none.
ALTER TABLE delivery ADD COLUMN after_id uuid;
