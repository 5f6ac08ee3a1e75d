-- shown_to: the permissions of whoever was shown the link that is good now, by their names; NULL where it was mailed, and
-- for links that were shown before this was kept, which open nothing any more.
ALTER TABLE invitations ADD COLUMN shown_to text;
