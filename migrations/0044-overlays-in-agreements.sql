-- An overlay has no life apart from its agreement: it is part of the agreement's content, with the agreement's version.
DROP TABLE overlay;
