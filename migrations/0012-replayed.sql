-- True for a delivery that had been delivered and was put back by hand: it must not overtake a later one of its key, while
-- one whose outcome was never known has to be settled whatever came after it.
ALTER TABLE delivery_parked ADD COLUMN replayed boolean NOT NULL DEFAULT false;
