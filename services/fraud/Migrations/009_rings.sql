-- Customers tied to each other by what they paid with.
create sequence ring_positions;

create table rings (
    ring_id uuid primary key,
    -- Drawn anew with each growth: the cursor of who follows what grows.
    position bigint not null default nextval('ring_positions'),
    customers integer not null,
    formed_at timestamptz not null,
    grown_at timestamptz not null,
    -- The ring that it went into; null while it stands.
    merged_into uuid references rings on delete cascade
);

create unique index ix_rings_position on rings (position);
create index ix_rings_merged_into on rings (merged_into) where merged_into is not null;

-- One row a customer that ever paid, with its ring: null while nothing ties it to another one.
create table ring_customers (
    customer_id text primary key,
    ring_id uuid,
    first_at timestamptz not null,
    last_at timestamptz not null,
    joined_at timestamptz
);

create index ix_ring_customers_ring_id on ring_customers (ring_id) where ring_id is not null;

-- What customers paid with of late.
create table ring_ties (
    kind text not null,
    entity text not null,
    customer_id text not null,
    -- Whether it holds the customer in a ring: not if too many others shared it then.
    binds boolean not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    -- When it was last written: old ones go.
    noted_at timestamptz not null,
    primary key (kind, entity, customer_id)
);

create index ix_ring_ties_customer_id on ring_ties (customer_id);

-- Who paid before is not new, and what the last days tied together is seen at the next payment that touches it.
insert into ring_customers (customer_id, first_at, last_at)
select customer_id, min(attempted_at), max(attempted_at) from decisions
where customer_id is not null
group by customer_id;

insert into ring_ties (kind, entity, customer_id, binds, first_at, last_at, noted_at)
select kind, entity, customer_id, count(*) over (partition by kind, entity) <= 20, min(attempted_at), max(attempted_at),
    now()
from decisions
cross join lateral (values ('Device', device_id), ('Card', card_hash), ('Ip', ip_hash)) as link (kind, entity)
where customer_id is not null and entity is not null and attempted_at > now() - interval '30 days'
group by kind, entity, customer_id;
