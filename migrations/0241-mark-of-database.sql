-- Which database of its server the mark was written in: a clone of it (CREATE DATABASE … TEMPLATE) has the mark and another oid.
-- Null until the next mark of a hub that writes them.
ALTER TABLE database_mark ADD COLUMN database_oid bigint, ADD COLUMN database_name text;
