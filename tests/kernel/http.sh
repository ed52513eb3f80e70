# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2153
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# HTTP itself: paths, methods, types and limits; sockets that are passed; clients of ill will.

# header NAME - of the answer in $T/head
header() {
    sed -n "s/^$1: \(.*\)\r\$/\1/Ip" "$T/head"
}

# answers STATUS WAY PATH [OPTION]... - WAY is ask or ask_socket; the answer is in $T/head and $T/body
answers() {
    local expected=$1 way=$2 path=$3
    shift 3
    same "status of $way $path $*" "$expected" \
        "$("$way" "$path" -D "$T/head" -o "$T/body" -w '%{http_code}' --path-as-is "$@")"
}

test_http_paths_and_methods() {
    local way path type
    make_net
    load --programs "$PROG"
    serve
    for way in ask ask_socket; do
        while read -r path type; do
            answers 200 "$way" "$path"
            same "type of $path" "$type" "$(header Content-Type)"
            same "length of $path" "$(stat -c %s "$T/body")" "$(header Content-Length)"
            same "caching of $path" no-store "$(header Cache-Control)"
            same "guessing at $path" nosniff "$(header X-Content-Type-Options)"
            same "methods of $path, where not asked" "" "$(header Allow)"
            answers 200 "$way" "$path" --head
            same "type of the head of $path" "$type" "$(header Content-Type)"
            at_least "length in the head of $path" 10 "$(header Content-Length)"
            answers 405 "$way" "$path" -X DELETE
            same "methods of $path" "GET, HEAD" "$(header Allow)"
            answers 405 "$way" "$path" -d body
            same "methods of $path" "GET, HEAD" "$(header Allow)"
            answers 413 "$way" "$path" -X GET -d body
        done <<'END'
/ text/html; charset=utf-8
/metrics text/plain; version=0.0.4; charset=utf-8
/healthz application/json
/activity application/json
END
        for path in /nothing /metrics/ //metrics /../metrics /metrics/../metrics /%2e%2e/metrics /Metrics; do
            answers 404 "$way" "$path"
            same "type of $path" "text/plain; charset=utf-8" "$(header Content-Type)"
            answers 404 "$way" "$path" --head
            answers 404 "$way" "$path" -X POST
            same "methods of $path, which is not there" "" "$(header Allow)"
        done
    done
    empty "$T/serve.err"
}

# A head sends no body: what follows on the connection is the next answer.
test_http_connection_is_kept() {
    make_net
    load --programs "$PROG"
    serve
    ask /metrics -w '%{num_connects} ' -o /dev/null --head --next -sS --noproxy '*' -w '%{num_connects} ' \
        -o /dev/null http://127.0.0.1:9191/healthz --next -sS --noproxy '*' -w '%{num_connects}\n' -o /dev/null \
        http://127.0.0.1:9191/activity >"$T/connects"
    same "connections for each of three requests" "1 0 0" "$(tail -n 1 "$T/connects")"
}

test_http_headers_that_are_too_large() {
    local long
    make_net
    load --programs "$PROG"
    serve
    long=$(printf '%020000d' 0)
    answers 431 ask /metrics -H "X-Long: $long"
    answers 414 ask "/metrics?$long"
    answers 200 ask /metrics
}

BACKGROUND+=(test_http_time_limits)

# Who says nothing, and who never comes to an end, is turned out: after 10 s and after 30.
test_http_time_limits() {
    make_net
    load --programs "$PROG"
    serve
    start_slow 'cat <&3'
    local silent=$STARTED
    start_slow 'printf "GET /metrics HTTP/1.1\r\nX: " >&3; while printf a >&3; do sleep 0.5; done'
    local endless=$STARTED
    sleep 7
    kill -0 "$silent" || fail "who says nothing was turned out before 7 s"
    finish "$silent" 8
    sleep 8
    kill -0 "$endless" || fail "who is slow was turned out before 15 s"
    finish "$endless" 20
}

# start_slow COMMAND - a client with its connection as descriptor 3
start_slow() {
    start "${NET[@]}" "$BASH" -c "exec 3<>/dev/tcp/127.0.0.1/9191 && $1" >"$T/slow" 2>&1
}

# Who closes his side is answered, and let go at once.
test_http_half_closed_connections() {
    make_net
    load --programs "$PROG"
    serve
    "${NET[@]}" "$BUILD/tests/hostile" 9191 3 wholes >"$T/wholes"
    same "failures" 0 "$(told failed wholes)"
    same "refusals" 0 "$(told refused wholes)"
    at_least "answers" 30 "$(told granted wholes)"
}

test_http_queries_that_are_refused() {
    local query
    need jq
    make_net
    load --programs "$PROG"
    serve
    for query in cgroup= cgroup=relative cgroup=/a/../b cgroup=/a/ container=abc container=0123456789AB \
        pid=0 pid=-1 pid=1x pid=99999999999 user=root 'pid=1&pid=2' 'cgroup=/&pid=1' 'a=b' '='; do
        for way in ask ask_socket; do
            answers 400 "$way" "/activity?$query"
            same "type for $query" application/json "$(header Content-Type)"
            is .type error
        done
    done
    # No process has this number, and this one is not considered.
    for query in pid=4194303 pid=$$ "cgroup=/hb$$.none" container=0123456789ab; do
        answers 404 ask_socket "/activity?$query"
        is .type error
    done
    # Whether there is such a process or user is nobody's business.
    for query in pid=1 pid=$$ pid=4194303 cgroup=/user.slice/user-1000.slice; do
        answers 403 ask "/activity?$query"
    done
}

# --- Socket activation --------------------------------------------------------------------------

# passed_sockets MODE - what systemd would start has both kinds of sockets
passed_sockets() {
    need systemd-socket-activate
    make_net
    load --programs "$PROG"
    start "${NET[@]}" systemd-socket-activate -l 127.0.0.1:9191 -l "$T/socket" \
        "$HB_READ" serve --pin-dir "$PIN" >"$T/activated" 2>"$T/serve.err"
    READER=$STARTED
    wait_for 5 "the socket" test -S "$T/socket"
    chmod "$1" "$T/socket"
    start_beater "$PROG" --hold 3
    wait_for 5 "the server" gauge_is http://127.0.0.1:9191/metrics 1
    says <(ask_socket /metrics) "^$GAUGE 1\$"
}

test_sockets_are_passed() {
    passed_sockets 660
    says_not <(ask /activity) "\"pid\""
    says <(ask_socket /activity) "\"pid\":$BEATER,"
    # The service manager's own address, and none of the default ones.
    same "listening sockets" 1 "$("${NET[@]}" cat /proc/net/tcp | awk '$4 == "0A"' | wc -l)"
    end "$READER"
    same "exit status" 0 "$STATUS"
    [ -S "$T/socket" ] || fail "the service manager's socket was removed"
    says_not "$T/serve.err" "^hb-read"
}

test_sockets_passed_that_all_can_reach() {
    passed_sockets 666
    says_not <(ask_socket /activity) "\"pid\""
    says_not <(ask_socket /) "Processes</h2>"
    says "$T/serve.err" "^hb-read: unix socket [0-9]+ \(passed\): everybody can connect, so it serves no details"
}

# passes VARIABLES... - hb-read serve as the service manager starts it, descriptor 3 being a file
passes() {
    "${NET[@]}" env "$@" "$BASH" -c 'export LISTEN_PID=${LISTEN_PID:-$$}; exec "$@" 3</dev/null' - \
        "$HB_READ" serve --pin-dir "$PIN"
}

test_sockets_passed_that_are_none() {
    make_net
    load --programs "$PROG"
    refuses "$EXIT_FAILED" "descriptor 3 is not a listening stream socket" passes LISTEN_FDS=1
    refuses "$EXIT_FAILED" "LISTEN_FDS=999: at most [0-9]+ sockets can be passed" passes LISTEN_FDS=999
    refuses "$EXIT_FAILED" "LISTEN_FDS=x: at most" passes LISTEN_FDS=x
    # What was passed to another process is none of ours.
    start passes LISTEN_FDS=1 LISTEN_PID=1 2>"$T/serve.err"
    wait_for 5 "the default address" gauge_is http://127.0.0.1:9090/metrics 0
    empty "$T/serve.err"
}

# --- Clients of ill will ------------------------------------------------------------------------

BACKGROUND+=(test_hostile_clients)

# One process prints, collects and answers, under attack; a second one just prints.
test_hostile_clients() {
    local seconds=60 attack attacks=(idle slowloris header pipeline paths accepts halves wholes)
    local first second pids=() before after beater
    make_net
    load --programs "$PROG"
    LISTEN=(--listen 127.0.0.1:9191)
    start_reader attacked
    first=$READER
    LISTEN=(--listen none)
    start_reader second
    second=$READER
    wait_for 5 "the gauge" gauge_is http://127.0.0.1:9191/metrics 0
    before=$(resident "$first")
    start_beater "$PROG" --pace-us 997 0
    beater=$BEATER
    go "$beater"
    for attack in "${attacks[@]}"; do
        # Attackers bring processors of their own.
        start "${NET[@]}" nice -n 19 "$BUILD/tests/hostile" 9191 "$seconds" "$attack" >"$T/$attack"
        pids+=("$STARTED")
    done
    "${NET[@]}" "$BUILD/tests/hostile" 9191 $((seconds - 5)) none >"$T/honest"
    after=$(resident "$first")
    for attack in "${pids[@]}"; do
        finish "$attack" 30
        same "exit status of an attacker" 0 "$STATUS"
    done
    end "$beater"
    same "exit status of the beater" 0 "$STATUS"
    READS=$(reads_of "$PROG")
    wait_for 10 "lines of the one under attack" has_lines "$T/attacked.out" "$(beats)"
    end "$first"
    same "exit status under attack" 0 "$STATUS"
    end "$second"
    head -n 2 "$T/honest" "${attacks[@]/#/$T/}"
    echo "reads $READS, beats $(beats), missed $(missed), resident before $before KiB, after $after KiB"
    # No beat is lost.
    at_least "reads" 10000 "$READS"
    at_most "beats" "$READS" "$(beats)"
    at_least "beats and missed" "$READS" $(($(beats) + $(missed)))
    same "lines of the one under attack ($(said_lost attacked) lost)" "$(beats)" "$(lines "$T/attacked.out")"
    same "lines of the other" "$(beats)" "$(lines "$T/second.out")"
    empty "$T/attacked.err"
    # Each attack was one.
    at_least "idle connections" $((1000 / HB_TEST_SLOW)) "$(told connections idle)"
    at_least "slow connections" $((200 / HB_TEST_SLOW)) "$(told connections slowloris)"
    at_least "headers refused" $((20 / HB_TEST_SLOW)) "$(told refused header)"
    at_least "pipelined answers" $((100 / HB_TEST_SLOW)) "$(told granted pipeline)"
    at_least "paths refused" $((100 / HB_TEST_SLOW)) "$(told refused paths)"
    at_least "answers to bad Accept headers" $((100 / HB_TEST_SLOW)) "$(told granted accepts)"
    at_least "half requests" $((10 / HB_TEST_SLOW)) "$(told connections halves)"
    at_least "answers to half-closed connections" $((100 / HB_TEST_SLOW)) "$(told granted wholes)"
    for attack in "${attacks[@]}"; do
        same "failures of the server under attack '$attack'" 0 "$(told failed "$attack")"
    done
    # The honest are answered, and soon.
    at_least "scrapes" $((100 / HB_TEST_SLOW)) "$(told answers honest)"
    same "scrapes without an answer" 0 "$(told failed honest)"
    at_most "us that 19 of 20 scrapes took" $((100000 * HB_TEST_SLOW)) "$(told most honest)"
    at_most "KiB more than before" 8192 $((after - before))
}

# told WHAT ATTACK
told() {
    sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" "$T/$2"
}

# Memory of a process, in KiB.
resident() {
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$1/status"
}
