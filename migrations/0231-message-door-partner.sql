-- The partner whose door a message came by, where the door knows it. `partner` becomes the one that its content names: both
-- are kept, as one who writes another's name into an interchange must not pass for him.
ALTER TABLE message ADD COLUMN door_partner text;
