-- The deliveries of one business object: what lists of a key show, and whether a later one exists that a replay must not
-- overtake. Without it each such question read the lane from its beginning (measured with a million deliveries in one
-- lane: 31,250 pages and 121 ms; with it 3 pages). By key first, so that the ten deliveries of one order, which lie in as
-- many lanes, enter one leaf together, and keys that are UUIDv7 enter at the right edge: 1.2 microseconds of the server's
-- time per delivery against 2.6 with the lane first, of 13 for the insert without it.
CREATE INDEX delivery_key ON delivery (key, position);
