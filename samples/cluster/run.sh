#!/usr/bin/env bash
# A cluster on this machine, to try: two PostgreSQL servers, a primary and its synchronous standby, and three silos, all on the loopback
# address. Needs the .NET 10 SDK and Debian's postgresql package (apt-get install postgresql); runs as root or as anybody else.
#
#   samples/cluster/run.sh           until Ctrl-C; other terminals use the cluster with the variable that is printed
#   samples/cluster/run.sh --once    takes the sample documents in, searches, kills a silo, searches again, and ends
#
# Everything lies in a temporary folder, which is removed at the end.
set -euo pipefail
cd "$(dirname "$0")/../.."

bin=${SEARCHENGINE_POSTGRES_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
if [ -z "$bin" ] || [ ! -x "$bin/initdb" ]; then
  echo "PostgreSQL is not installed: apt-get install postgresql, or name the folder of initdb in SEARCHENGINE_POSTGRES_BIN." >&2
  exit 1
fi

folder=$(mktemp -d)
pids=()
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  for data in standby primary; do
    [ ! -f "$folder/postgres/$data/postmaster.pid" ] || as_postgres "$bin/pg_ctl" -D "$folder/postgres/$data" -m immediate stop >/dev/null || true
  done
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

port=${SEARCHENGINE_CLUSTER_PORT:-15432}
primary=$port standby=$((port + 1))
start_postgres() { # NAME PORT
  as_postgres "$bin/pg_ctl" -D "$folder/postgres/$1" -w -l "$folder/postgres/$1.log" \
    -o "-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories=''" start >/dev/null
}
query() { as_postgres "$bin/psql" -h 127.0.0.1 -p "$primary" -U searchengine -d postgres -qAt -c "$1"; }

echo "PostgreSQL: primary on $primary, standby on $standby"
chmod 755 "$folder"
mkdir "$folder/postgres"
[ "$(id -u)" != 0 ] || chown postgres "$folder/postgres"
as_postgres "$bin/initdb" -D "$folder/postgres/primary" -U searchengine --auth=trust -E UTF8 --locale=C >/dev/null
start_postgres primary "$primary"
query "create database searchengine"
as_postgres "$bin/pg_basebackup" -h 127.0.0.1 -p "$primary" -U searchengine -D "$folder/postgres/standby" -R -X stream --checkpoint=fast
start_postgres standby "$standby"
query "alter system set synchronous_standby_names = 'ANY 1 (*)'"
query "select pg_reload_conf()" >/dev/null

export SEARCHENGINE_DATABASE__CLUSTER__CONNECTION="Host=127.0.0.1:$primary,127.0.0.1:$standby;Username=searchengine;Database=searchengine"
dotnet build -c Release -v q --nologo src/SearchEngine.Cli >/dev/null
program=src/SearchEngine.Cli/bin/Release/net10.0/SearchEngine.Cli
start_silo() { # NUMBER
  "$program" cluster run "silo$1" --data "$folder/silo$1" --port $((11110 + $1)) --gateway-port $((30000 + $1)) 2>>"$folder/silo$1.log" &
  pids[$1]=$!
}
for number in 1 2 3; do start_silo "$number"; done
for number in 1 2 3; do
  until grep -q " is up at " "$folder/silo$number.log"; do
    kill -0 "${pids[$number]}" 2>/dev/null || { cat "$folder/silo$number.log" >&2; exit 1; }
    sleep 0.3
  done
  grep " is up at " "$folder/silo$number.log"
done
"$program" cluster rebalance

if [ "${1:-}" = "--once" ]; then
  "$program" ingest samples/wikipedia
  "$program" search "moons of the giant planets" --top 3
  echo "killing silo1"
  kill -9 "${pids[1]}"
  wait "${pids[1]}" 2>/dev/null || true
  unset "pids[1]"
  "$program" search "moons of the giant planets" --top 3
  start_silo 1
  "$program" cluster rebalance
  "$program" cluster status
  "$program" cluster verify default
  exit 0
fi

echo
echo "Use it from another terminal:"
echo "  export SEARCHENGINE_DATABASE__CLUSTER__CONNECTION='$SEARCHENGINE_DATABASE__CLUSTER__CONNECTION'"
echo "  $program ingest samples/wikipedia"
echo "  $program search \"moons of the giant planets\""
echo "  $program cluster status"
echo "Ctrl-C ends it and removes everything."
wait
