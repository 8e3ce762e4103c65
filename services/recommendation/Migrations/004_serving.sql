-- What a visitor holds in the cart, and what they do not want to see: the newest statement counts.
alter table visitor_products
    add column in_cart boolean not null default false,
    add column cart_at timestamptz,
    add column hidden boolean not null default false,
    add column hidden_at timestamptz;

-- Taken after a change is committed and before its visitor is read again: what was made with the highest ticket has
-- seen every change, so a lower one never overwrites it.
create sequence tickets as bigint;

alter table products
    add column price bigint,
    add column currency text;
