#!/bin/bash
# Run by the PostgreSQL image when its data folder is empty: one role and one schema a service.
set -euo pipefail

run() { psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"; }

run <<'SQL'
revoke all on database ecom from public;
revoke all on schema public from public;
SQL

for schema in ingestion feature_store training recommendation forecasting profiling fraud console; do
    password="${schema^^}_DB_PASSWORD"
    run -v schema="$schema" -v role="ecom_$schema" -v password="${!password}" <<'SQL'
create role :"role" login password :'password';
create schema :"schema" authorization :"role";
grant connect, temporary on database ecom to :"role";
alter role :"role" in database ecom set search_path = :"schema";
SQL
done
