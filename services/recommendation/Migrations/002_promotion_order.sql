-- Promotions can arrive in another order than they were made: the newest one says which model is wanted.
alter table generations add column promoted_at timestamptz not null default '-infinity';

-- Superseded: no longer wanted, its lists are not deleted yet.
alter table generations drop constraint generations_state_check;
alter table generations add constraint generations_state_check
    check (state in ('pending', 'running', 'current', 'kept', 'superseded', 'dropped', 'failed'));
