#!/bin/sh
# Makes the pictures in docs/pictures: the dashboard in each of its states. Takes about five minutes.
# Further arguments go to Maven, such as -o.
set -eu
cd "$(dirname "$0")/.."
exec ./mvnw "$@" -Dtest=DashboardPictures test </dev/null
