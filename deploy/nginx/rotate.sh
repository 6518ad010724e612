#!/bin/sh
# rotate.sh DIRECTORY PID_FILE: keep each log of nginx under ROTATE_MB, with one older part beside it. Runs until it is ended.
# The detector follows a renamed file to its end; nginx goes on in the old one until it is told to open its logs again.
set -eu
directory=$1
pid_file=$2
limit=$((${ROTATE_MB:-100} * 1000000))
every=${ROTATE_EVERY_S:-60}

while sleep "$every"; do
    turned=no
    for log in "$directory/access.log" "$directory/error.log"; do
        [ -f "$log" ] && [ "$(wc -c <"$log")" -gt "$limit" ] || continue
        mv -f "$log" "$log.1"
        turned=yes
    done
    [ "$turned" = no ] || kill -USR1 "$(cat "$pid_file")"
done
