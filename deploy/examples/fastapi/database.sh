#!/usr/bin/env bash
# A PostgreSQL 15 of one's own for trying the example: in a folder, on a unix socket there, with schema.sql applied. As root it runs as the user postgres.
# usage: deploy/examples/fastapi/database.sh start|stop FOLDER        start prints the app's DATABASE_URL
set -euo pipefail

here=$(dirname "${BASH_SOURCE[0]}")
programs=/usr/lib/postgresql/15/bin
case ${1:-} in
  start | stop) ;;
  *)
    sed -n 's/^# usage: //p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
[ -n "${2:-}" ] || { echo "database.sh: a folder is missing" >&2; exit 2; }
folder=$2

# PostgreSQL refuses to run as root.
as_owner=()
if [ "$(id -u)" -eq 0 ]; then
  as_owner=(setpriv --reuid postgres --regid postgres --clear-groups)
fi

if [ "$1" = stop ]; then
  cd /
  "${as_owner[@]}" "$programs/pg_ctl" --pgdata "$folder/data" --mode fast --silent stop
  exit
fi

mkdir -p "$folder"
chmod 0700 "$folder" # whoever gets to the socket is let in
folder=$(cd "$folder" && pwd -P)
[ "$(id -u)" -ne 0 ] || chown postgres: "$folder"
schema=$(cat "$here/schema.sql")
cd /
"${as_owner[@]}" "$programs/initdb" --pgdata "$folder/data" --username owner --auth trust --encoding UTF8 --locale C --no-sync >"$folder/initdb.log" 2>&1 ||
  { cat "$folder/initdb.log" >&2; exit 1; }
# What is thrown away afterwards needs no safe way to the disk.
cat >>"$folder/data/postgresql.conf" <<TEXT
listen_addresses = ''
unix_socket_directories = '$folder'
fsync = off
jit = off
TEXT
"${as_owner[@]}" "$programs/pg_ctl" --pgdata "$folder/data" --log "$folder/log" --wait --silent start ||
  { cat "$folder/log" >&2; exit 1; }
"${as_owner[@]}" "$programs/createdb" --host "$folder" --username owner widgets
"${as_owner[@]}" "$programs/psql" --quiet --no-psqlrc --set ON_ERROR_STOP=1 --host "$folder" --username owner widgets <<<"$schema"
echo "postgresql+asyncpg://widgets_app@/widgets?host=$folder"
