-- When a product is sold, and what else describes it.
alter table products
    add column available_from timestamptz,
    add column available_until timestamptz,
    add column attributes jsonb;
