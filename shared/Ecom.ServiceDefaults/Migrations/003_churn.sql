-- Rows of these tables come and go all day. The server's defaults wait until a fifth of a table is dead, which for a
-- backlog of large bodies is gigabytes: vacuum by count instead, and without pauses, so that space is used again.
alter table outbox set (
    autovacuum_vacuum_scale_factor = 0.0,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.0,
    autovacuum_analyze_threshold = 20000,
    toast.autovacuum_vacuum_scale_factor = 0.0,
    toast.autovacuum_vacuum_threshold = 50000,
    toast.autovacuum_vacuum_cost_delay = 0
);

-- A fourteenth of the inbox goes each day.
alter table inbox set (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0.1
);

alter table leases set (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.0,
    autovacuum_vacuum_threshold = 200
);
