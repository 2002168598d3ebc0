#!/bin/sh
# Give each service a role and a database of its own; PostgreSQL's image runs this once.
set -eu

for service in auth sync catalog ui; do
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres <<SQL
\set password \`cat /run/portus/$service\`
CREATE ROLE $service LOGIN PASSWORD :'password';
CREATE DATABASE $service OWNER $service;
REVOKE ALL ON DATABASE $service FROM PUBLIC;
SQL
done
