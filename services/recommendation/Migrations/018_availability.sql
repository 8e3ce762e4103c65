-- When a product is sold, and what else describes it as "name:value".
alter table products
    add column available_from timestamptz,
    add column available_until timestamptz,
    add column attributes text[] not null default '{}';
