-- What is asked of a copy of the state before anybody relies on it.

-- name: keep_in_one_file
-- Leave nothing of the copy in a write-ahead log beside it.
PRAGMA journal_mode = DELETE;

-- name: find_damage
-- Look at every page and index: one row that says ok, or what is wrong.
PRAGMA integrity_check(1);

-- name: find_strays
-- Look for rows that refer to rows which are not there.
PRAGMA foreign_key_check;

-- name: count_records
-- Count the journal's records.
SELECT count(*) FROM records;
