#!/usr/bin/env bash
# Generates the passwords and API keys of docker-compose.yml, once: .env, read by Compose, and the files of keys in
# .local/compose. What exists is kept; delete .env and the volumes to start anew.
set -euo pipefail
umask 077
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

services=(ingestion feature-store training recommendation forecasting profiling fraud console)
keys=.local/compose

if [ -e .env ]; then
    echo ".env exists and is kept."
    exit 0
fi

random() { od -An -N20 -tx1 /dev/urandom | tr -d ' \n'; }
variable() { echo "${1^^}_$2" | tr - _; }

scopes_of() {
    case $1 in
        storefront | importer | simulator) echo '"ingest","read"' ;;
        checkout) echo '"assess"' ;;
        fraud-team) echo '"fraud","read"' ;;
        ops) echo '"ops","read"' ;;
        admin) echo '"admin","ingest","read","assess","fraud","ops"' ;;
        telemetry) echo '"ingest"' ;;
        console) echo '"read","fraud","ops"' ;;
        *) echo '"read"' ;;
    esac
}

mkdir -p "$keys"
environment=$(mktemp .env.XXXXXX)
trap 'rm -f "$environment"' EXIT
for name in POSTGRES REDIS RABBITMQ; do
    echo "${name}_PASSWORD=$(random)" >>"$environment"
done
echo "PRIVACY_HASH_KEY=$(random | base64 -w 0)" >>"$environment"
for service in "${services[@]}"; do
    echo "$(variable "$service" DB_PASSWORD)=$(random)" >>"$environment"
done

hashed=() clear=()
for client in storefront checkout fraud-team ops admin importer simulator telemetry "${services[@]}"; do
    key="$client-$(random)"
    hash=$(printf %s "$key" | sha256sum | cut -d ' ' -f 1)
    echo "$(variable "$client" KEY)=$key" >>"$environment"
    hashed+=("{\"client\":\"$client\",\"sha256\":\"$hash\",\"scopes\":[$(scopes_of "$client")]}")
    clear+=("\"$client\":\"$key\"")
done

join() { local IFS=,; echo "$*"; }
echo "{$(join "${clear[@]}")}" >"$keys/clear-keys.json"
# Hashes of long random keys may be read by the services' user, who is not the owner.
echo "{\"keys\":[$(join "${hashed[@]}")]}" >"$keys/keys.json"
chmod 755 .local "$keys"
chmod 644 "$keys/keys.json"
mv "$environment" .env
echo "Written: .env and $keys. The clear API keys are in $keys/clear-keys.json."
