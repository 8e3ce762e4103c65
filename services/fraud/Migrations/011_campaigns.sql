-- The alert of a ring, and the alerts that went into it.
alter table alerts
    add column ring_id uuid,
    add column ring_customers integer,
    add column merged_into uuid references alerts (alert_id) on delete set null;

create index ix_alerts_ring_id on alerts (ring_id, position) where ring_id is not null;
create index ix_alerts_merged_into on alerts (merged_into) where merged_into is not null;
create index ix_alerts_merged on alerts (payment_id) where merged_into is not null;
