alter table model_roles
    -- When a person let it decide again, against the guard.
    add column trusted_at timestamptz;
