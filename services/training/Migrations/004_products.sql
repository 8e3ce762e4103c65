-- What products are, for models of content: the highest version wins.
create table products (
    product_id text primary key,
    version bigint not null,
    name text not null,
    brand text,
    category text,
    price bigint,
    active boolean not null
);
