-- PostgreSQL keeps statistics by itself; see the migration of the same name for SQLite.
SELECT 1;
