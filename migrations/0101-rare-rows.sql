-- What people look for among millions of rows that do not match. Each is partial or narrow, so that an order's intake pays
-- next to nothing: discarded deliveries are few, an order of the API has a message without partner, and the entries of one
-- customer lie next to each other.
CREATE INDEX delivery_discarded ON delivery (lane_id, position) WHERE state = 'discarded';
CREATE INDEX message_partner ON message (tenant_id, partner, id) WHERE partner IS NOT NULL;
CREATE INDEX message_connection ON message (tenant_id, connection, id) WHERE connection IS NOT NULL;
CREATE INDEX sales_order_customer ON sales_order (tenant_id, customer, id);
