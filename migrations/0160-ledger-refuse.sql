-- Ends a statement that was not allowed what it asked for, as one whose lanes another worker has taken over. What it would have
-- answered is known without waiting for it: COMMIT travels behind it and undoes the transaction.
CREATE FUNCTION ledger_refuse() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'XD001', MESSAGE = 'the ledger is not as this worker takes it for';
END
$$;
