alter table labels
    -- Whether the label is in the online state; false if another one had said the same of the payment. Null until its
    -- payment is known and it was looked at.
    add column counted boolean,
    drop constraint labels_source_check,
    add constraint labels_source_check check (source in ('dispute', 'analyst', 'maturity'));

create index ix_labels_uncounted on labels (position) where counted is null;

alter table decisions
    -- Old enough, without a label, to be taken for genuine.
    add column matured boolean not null default false;

create index ix_decisions_immature on decisions (attempted_at) where not matured;
