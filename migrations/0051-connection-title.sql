-- What people call a connection; its id stays what flows and webhooks know it by.
ALTER TABLE connection ADD COLUMN title text CHECK (length(title) BETWEEN 1 AND 200);
