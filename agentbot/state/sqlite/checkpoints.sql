-- What the thread runs that copies the write-ahead log, on a connection of its own.

-- name: copy_log
-- Copy as much of the log as nobody is reading or writing, and wait until the disk has it.
PRAGMA wal_checkpoint(PASSIVE);
