-- What a new connection is told, in this order.

-- name: never_read_a_whole_table
-- Functions keep the plans of their first calls, made while the tables were nearly empty:
-- a plan that reads a whole table would stay as it fills. Every query of ours has an index.
SET enable_seqscan = off;

-- name: compile_nothing
-- To compile a query takes longer than any of ours runs.
SET jit = off;
