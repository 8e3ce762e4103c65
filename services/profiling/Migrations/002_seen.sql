-- Visits are many and decide nothing: their profiles are made anew at a slower pace than those of orders.
alter table customers add column seen boolean not null default false;

create index ix_customers_seen on customers (customer_id) where seen;
