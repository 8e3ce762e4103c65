-- What was bought together: one row an order, without whose it was.
create table baskets (
    number bigint generated always as identity primary key,
    day date not null,
    products text[] not null
);

create index ix_baskets_day on baskets (day);

-- The counts of all pairs, as a model; one row.
create table bought_together (
    only_row boolean primary key default true check (only_row),
    newest_basket bigint not null,
    model bytea not null
);

update placements
set settings = jsonb_set(settings, '{sources}', '["bought-together", "similar"]')
where name in ('also-bought', 'cart') and changed_by = 'default';
update placements
set settings = jsonb_set(settings, '{sources}', '["similar", "bought-together"]')
where name = 'product' and changed_by = 'default';
