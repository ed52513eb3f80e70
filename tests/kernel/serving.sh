# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# hb-read as a server, and its commands list and status; nothing may stall it.

GAUGE=gitpod_acitivity_heartbeat_currently_considered_pids

# Make a network of our own, where every port is free. NET is the start of command lines inside it.
make_net() {
    need curl unshare nsenter ip
    start unshare --net "$BASH" -c 'ip link set lo up && echo ready && exec sleep 600' >"$T/net"
    wait_for 5 "a network" grep -q ready "$T/net"
    NET=(nsenter --target "$STARTED" --net)
    AS=("${NET[@]}")
}

# fetch URL [OPTION]... - print its body
fetch() {
    "${NET[@]}" curl -sS --max-time 5 --noproxy '*' "$@"
}

# fetch_from SOCKET URL [OPTION]... - the same over a unix socket, which belongs to no network
fetch_from() {
    curl -sS --max-time 5 --noproxy '*' --unix-socket "$@"
}

status_of() {
    fetch -o /dev/null -w '%{http_code}' "$@"
}

gauge_is() {
    [ "$(fetch "$1" | sed -n "s/^$GAUGE //p")" = "$2" ]
}

socket_gauge_is() {
    [ "$(fetch_from "$1" http://localhost/metrics | sed -n "s/^$GAUGE //p")" = "$2" ]
} 2>/dev/null

# serve [ARGUMENT]... - start `hb-read serve` at a port of that network and at a unix socket. READER is
# its pid.
serve() {
    start "${AS[@]}" "$HB_READ" serve --pin-dir "$PIN" --listen 127.0.0.1:9191 --listen "unix:$T/socket" "$@" \
        2>"$T/serve.err"
    READER=$STARTED
    wait_for 10 "the server" is_serving
}

is_serving() {
    [ "$(ask_socket /healthz -o /dev/null -w '%{http_code}')" = 200 ]
} 2>/dev/null

# ask PATH [OPTION]... - print the answer that anybody gets
ask() {
    local path=$1
    shift
    fetch "http://127.0.0.1:9191$path" "$@"
}

# ask_socket PATH [OPTION]... - print the answer for clients that may read the maps
ask_socket() {
    local path=$1
    shift
    fetch_from "$T/socket" "http://localhost$path" "$@"
}

test_default_address() {
    local url=http://127.0.0.1:9090/metrics
    make_net
    load --programs "$PROG"
    LISTEN=()
    start_reader r --gc-interval 0
    wait_for 5 "the gauge" gauge_is "$url" 0
    start_beater "$PROG" --hold 3
    wait_for 2 "the gauge to rise" gauge_is "$url" 1
    fetch "$url" >"$T/page"
    says "$T/page" "^# HELP $GAUGE ."
    says "$T/page" "^# TYPE $GAUGE gauge\$"
    same "type" "text/plain; version=0.0.4; charset=utf-8" "$(fetch -o /dev/null -w '%{content_type}' "$url")"
    end "$BEATER" KILL
    wait_for 2 "the gauge to fall" gauge_is "$url" 0
}

test_default_address_is_taken() {
    make_net
    load --programs "$PROG"
    LISTEN=()
    start_reader first
    wait_for 5 "the gauge" gauge_is http://127.0.0.1:9090/metrics 0
    start_reader second
    wait_for 5 "the message" has_lines "$T/second.err" 1
    says "$T/second.err" "127\.0\.0\.1:9090.* is taken: going on without metrics"
    beat 3
    wait_for 5 "lines of the second" has_lines "$T/second.out" 3
    same "messages" 1 "$(lines "$T/second.err")"
    # `hb-read serve` has to serve.
    refuses "$EXIT_FAILED" "127\.0\.0\.1:9090" "${NET[@]}" "$HB_READ" serve --pin-dir "$PIN"
}

test_requested_address_is_taken() {
    make_net
    load --programs "$PROG"
    LISTEN=(--listen 127.0.0.1:9191)
    start_reader first
    wait_for 5 "the gauge" gauge_is http://127.0.0.1:9191/metrics 0
    refuses "$EXIT_FAILED" "127\.0\.0\.1:9191: the port is taken" "${NET[@]}" "$HB_READ" --pin-dir "$PIN" \
        --listen 127.0.0.1:9191
    refuses "$EXIT_FAILED" "127\.0\.0\.1:9191: the port is taken" "${NET[@]}" "$HB_READ" serve --pin-dir "$PIN" \
        --listen 127.0.0.1:9191
    refuses "$EXIT_FAILED" "192\.0\.2\.1:9191: this machine has no such address" "${NET[@]}" "$HB_READ" \
        --pin-dir "$PIN" --listen 192.0.2.1:9191
    same "open slots" 1 "$(pinned open)"
}

test_addresses_of_all_kinds() {
    make_net
    load --programs "$PROG"
    LISTEN=(--listen 127.0.0.1:9191 --listen "[::1]:9292" --listen "unix:$T/socket")
    start_reader r
    wait_for 5 "IPv4" gauge_is http://127.0.0.1:9191/metrics 0
    if [ -e /proc/net/if_inet6 ]; then
        wait_for 5 "IPv6" gauge_is "http://[::1]:9292/metrics" 0
    fi
    wait_for 5 "the socket" socket_gauge_is "$T/socket" 0
    same "mode of the socket" 660 "$(stat -c %a "$T/socket")"
    end "$READER"
    same "exit status" 0 "$STATUS"
    [ ! -e "$T/socket" ] || fail "the socket is left behind"
    # The socket of a killed reader does not stop the next one.
    LISTEN=(--listen "unix:$T/socket")
    start_reader killed
    wait_for 5 "the socket of the first" socket_gauge_is "$T/socket" 0
    end "$READER" KILL
    [ -S "$T/socket" ] || fail "the killed reader left no socket"
    start_reader again
    wait_for 5 "the socket of the next" socket_gauge_is "$T/socket" 0
    # Another file is left alone.
    echo mine >"$T/file"
    refuses "$EXIT_FAILED" "a file is in the way" "$HB_READ" serve --pin-dir "$PIN" --listen "unix:$T/file"
    same "the file" mine "$(<"$T/file")"
}

# A reader without HTTP does not need the library. One that is asked for HTTP reports what is missing.
test_http_library_is_loaded_when_needed() {
    load --programs "$PROG"
    mkdir "$T/lib"
    : >"$T/lib/libmicrohttpd.so.12"
    AS=(env "LD_LIBRARY_PATH=$T/lib")
    start_reader quiet
    same "mappings of the library" 0 "$(grep -c libmicrohttpd "/proc/$READER/maps")"
    end "$READER"
    empty "$T/quiet.err"
    refuses "$EXIT_FAILED" "HTTP needs libmicrohttpd: install it, or use --listen none \\(.*libmicrohttpd" \
        "${AS[@]}" "$HB_READ" --pin-dir "$PIN" --listen "unix:$T/http"
    [ ! -e "$T/http" ] || fail "$T/http is left"
    make_net
    AS+=(env "LD_LIBRARY_PATH=$T/lib")
    LISTEN=()
    start_reader default
    end "$READER"
    says "$T/default.err" "^hb-read: going on without metrics"
}

test_unknown_pages_and_methods() {
    local url=http://127.0.0.1:9191
    make_net
    load --programs "$PROG"
    serve >"$T/serve.out"
    same "another page" 404 "$(status_of "$url/nothing")"
    same "another method" 405 "$(status_of -X DELETE "$url/metrics")"
    says <(fetch -i -X POST -d x "$url/metrics") "^(HTTP/1.1 4..|Allow: )"
    same "head" 200 "$(status_of --head "$url/metrics")"
    same "open slots of a service" 0 "$(pinned open)"
    end "$READER"
    same "exit status" 0 "$STATUS"
    empty "$T/serve.out"
    empty "$T/serve.err"
}

test_blocked_output_stalls_nothing() {
    local url=http://127.0.0.1:9191/metrics
    make_net
    load --programs "$PROG"
    mkfifo "$T/pipe"
    exec 9<>"$T/pipe"
    start "${NET[@]}" "$HB_READ" --pin-dir "$PIN" --gc-interval 1 --listen 127.0.0.1:9191 >"$T/pipe" 2>"$T/r.err" 9>&-
    READER=$STARTED
    wait_for 5 "the reader" is_reading "$READER"
    # The beater must not inherit the pipe, which would never end then.
    start_beater "$PROG" --hold 50021 9>&-
    go "$BEATER"
    wait_for 10 "the reads" has_read "$PROG" 50021
    seen 50021
    start_beater "not$PROG" --hold 3 9>&-
    # Else the zero might be gone before the test sees it.
    kill -STOP "$READER"
    go "$BEATER"
    wait_for 5 "the verdict 0" has_verdict "$BEATER" 0
    kill -CONT "$READER"
    wait_for 3 "the end of the zero" has_verdict "$BEATER" none
    gauge_is "$url" 1 || fail "no gauge"
    # Once somebody reads the pipe, all lines arrive whole.
    start cat <"$T/pipe" >"$T/r.out" 9>&-
    local cat=$STARTED
    exec 9>&-
    wait_for 10 "lines and lost beats" has_all_lines
    end "$READER"
    same "exit status" 0 "$STATUS"
    finish "$cat"
    says_not "$T/r.out" "^([^0-9]|[0-9]*\$|.*[^0-9]\$)"
    at_least "lines" 1000 "$(lines "$T/r.out")"
    same "lines and lost ($(said_lost r))" "$SEEN" $(($(lines "$T/r.out") + $(said_lost r)))
}

has_all_lines() {
    [ $(($(lines "$T/r.out") + $(said_lost r))) -ge "$SEEN" ]
}

test_blocked_output_does_not_delay_the_end() {
    load --programs "$PROG"
    mkfifo "$T/pipe"
    exec 9<>"$T/pipe"
    start "$HB_READ" --pin-dir "$PIN" --listen none >"$T/pipe" 2>"$T/r.err" 9>&-
    READER=$STARTED
    wait_for 5 "the reader" is_reading "$READER"
    beat 20011
    seen 20011
    wait_for 5 "the reader to be blocked" test -e "/proc/$READER"
    kill -TERM "$READER"
    finish "$READER" 5
    same "exit status" 0 "$STATUS"
    # Beats that were not printed were reported as lost.
    start timeout "$HB_TEST_SLOW" cat <"$T/pipe" >"$T/r.out" 9>&-
    finish "$STARTED"
    exec 9>&-
    same "lines and lost ($(said_lost r))" "$SEEN" $(($(lines "$T/r.out") + $(said_lost r)))
}

test_status_shows_everything() {
    local reader
    need jq
    load --programs "$PROG,${PROG}b" --rule stdin
    start_reader r
    reader=$READER
    start_beater "$PROG" --hold 101
    go "$BEATER"
    wait_for 5 "lines" has_lines "$T/r.out" 101
    exits 0 "$HB_READ" status --pin-dir "$PIN"
    says "$T/out" "^hook +(tracepoint|fentry)"
    says "$T/out" "^rule +stdin\$"
    says "$T/out" "^$PROG +1 +101 "
    says "$T/out" "^${PROG}b +0 +0 "
    says "$T/out" "^reader slots +1 of 8 open"
    says "$T/out" "^ *0 +0 +open, held by $reader \(hb-read\)"
    says "$T/out" "^lost +0 "
    says "$T/out" "^missed +[0-9]+ reads"
    says "$T/out" "^verdicts +[0-9]+ of 32768, [0-9]+ watched"
    says "$T/out" "^map full +never\$"
    says "$T/out" "^swept +[0-9]+ entries\$"
    exits 0 "$HB_READ" status --format json --pin-dir "$PIN"
    jq -e . <"$T/out" >"$T/jq" || fail "jq cannot read the status as JSON"
    end "$reader" KILL
    exits 0 "$HB_READ" status --pin-dir "$PIN"
    says "$T/out" "orphaned: the next reader adopts it"
}

# Tables fit on a narrow terminal, and the end of a time is what stays.
test_status_on_a_narrow_terminal() {
    local width
    need script
    load --programs "$PROG,and-on-and-on-a"
    start_beater "$PROG" --terminal --type --hold 11
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 11
    start_reader r
    for width in 50 60; do
        script -qefc "stty cols $width rows 40; exec '$HB_READ' status --pin-dir '$PIN'" /dev/null </dev/null |
            tr -d '\r' | sed -n '/^PROGRAM/,/^lost/p' >"$T/screen"
        says_not "$T/screen" "^.{$((width + 1))}"
        says "$T/screen" "^$PROG +1 +11 +[0-9]+s  .*:[0-9][0-9]:[0-9][0-9]Z\$"
        says "$T/screen" "open, held by $READER"
    done
}

test_list_shows_watched_processes() {
    need jq
    load --programs "$PROG"
    start_beater "$PROG" --hold 101
    exits 0 "$HB_READ" list --pin-dir "$PIN"
    says "$T/out" "^ *PID +PROGRAM +USER +TTY +BEATS +LAST KEY +AGE +CGROUP"
    says "$T/out" "^ *$BEATER +$PROG +root +[^ ]+ +0 +- +- "
    go "$BEATER"
    wait_for 5 "the reads" has_read "$PROG" 101
    exits 0 "$HB_READ" list --pin-dir "$PIN"
    # Reads of a device are no keys.
    says "$T/out" "^ *$BEATER +$PROG +root +[^ ]+ +101 +- +- "
    start_beater "$PROG" --terminal --type --hold 11
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 11
    exits 0 "$HB_READ" list --pin-dir "$PIN"
    says "$T/out" "^ *$BEATER +$PROG +root +[^ ]+ +11 +$TIME +[0-9]+s "
    exits 0 "$HB_READ" list --format json --pin-dir "$PIN"
    jq -s "map(select(.pid == $BEATER))" <"$T/out" >"$T/body"
    is length 1 \
        '.[0].program' "$PROG" \
        '.[0].uid' 0 \
        '.[0].beats' 11 \
        '.[0].age_seconds < 100' true \
        '.[0].last_beat_ns >= .[0].last_key_ns' true
    exits 0 cat "$PIN/considered"
    says "$T/out" "^ *$BEATER +0 .* 11 .* $PROG\$"
}

test_list_watch_on_a_terminal() {
    need script
    load --programs "$PROG"
    start_beater "$PROG" --hold 7
    start script -qefc "stty cols 100 rows 20; exec '$HB_READ' list --watch --pin-dir '$PIN'" "$T/screen"
    wait_for 5 "the table" grep -qE "$BEATER +$PROG .* 0 " "$T/screen"
    go "$BEATER"
    wait_for 5 "the new count" grep -qE "$BEATER +$PROG .* 7 " "$T/screen"
}
