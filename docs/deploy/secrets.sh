#!/bin/sh
# Makes the passwords that docker-compose.yml reads, each in a file of its own; those that are there are kept.
# The folder is its owner's only. The files can be read by the programs in the containers, which have other user numbers.
set -eu
folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/secrets
mkdir -p "$folder"
chmod 700 "$folder"
for name in postgres_password grafana_password; do
    if [ ! -s "$folder/$name" ]; then
        od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$folder/$name"
        chmod 444 "$folder/$name"
        echo "+ docs/deploy/secrets/$name"
    fi
done
