-- What a new connection is told, in this order.

-- name: write_ahead
-- Readers (an export, a backup) do not hinder the writer, and a commit is one append.
PRAGMA journal_mode = WAL;

-- name: sync_at_checkpoints
-- Commit without an fsync: what the kernel has been given survives the process (kill -9),
-- and WAL keeps the file whole when the power fails. A power cut may lose the last commits;
-- they are found again on the server, where every reply says which message it answers.
PRAGMA synchronous = NORMAL;

-- name: checkpoint_seldom
-- Copy the log into the database within a commit only where it has grown to 32 MB: a thread does
-- so beside the event loop (checkpoints.py), which this would hold up for as long as the disk takes.
PRAGMA wal_autocheckpoint = 8192;

-- name: overwrite_what_is_deleted
-- What a customer asked to have erased must not stay readable in free pages.
PRAGMA secure_delete = ON;

-- name: cache_16_megabytes
-- A negative size is in KiB. With a million settled messages the inner pages of every index,
-- and the pages at their right edges, stay in memory.
PRAGMA cache_size = -16000;

-- name: sort_in_memory
-- What is sorted here is small, and a temporary file would be one more place for ids to stay in.
PRAGMA temp_store = MEMORY;
