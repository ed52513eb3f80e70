# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# HTTP itself: paths, methods, types and limits; sockets that are passed; hostile clients.

# header NAME - print that header of the answer in $T/head
header() {
    sed -n "s/^$1: \(.*\)\r\$/\1/Ip" "$T/head"
}

# answers STATUS WAY PATH [OPTION]... - the status of the answer; WAY is ask or ask_socket, and the answer
# is in $T/head and $T/body
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
            same "X-Content-Type-Options of $path" nosniff "$(header X-Content-Type-Options)"
            same "Allow header of $path, not asked for" "" "$(header Allow)"
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
            same "methods of $path, which does not exist" "" "$(header Allow)"
        done
    done
    empty "$T/serve.err"
}

# The answer to HEAD has no body: the next answer follows it on the connection.
test_http_connection_is_kept() {
    make_net
    load --programs "$PROG"
    serve
    ask /metrics -w '%{num_connects} ' -o /dev/null --head --next -sS --noproxy '*' -w '%{num_connects} ' \
        -o /dev/null http://127.0.0.1:9191/healthz --next -sS --noproxy '*' -w '%{num_connects}\n' -o /dev/null \
        http://127.0.0.1:9191/activity >"$T/connects"
    same "connections for each of three requests" "1 0 0" "$(tail -n 1 "$T/connects")"
}

test_http_large_headers() {
    local long
    make_net
    load --programs "$PROG"
    serve
    long=$(printf '%020000d' 0)
    answers 431 ask /metrics -H "X-Long: $long"
    answers 414 ask "/metrics?$long"
    answers 200 ask /metrics
}

# sends REQUEST - send it over TCP as it is, with the escapes of printf; the answer is in $T/answer
sends() {
    # shellcheck disable=SC2059
    printf "$1" >"$T/request"
    "${NET[@]}" "$BASH" -c 'exec 3<>/dev/tcp/127.0.0.1/9191 && cat "$1" >&3 && cat <&3' - "$T/request" >"$T/answer"
}

# What the library gives as a C string, or as the first of several, is not the whole request.
test_http_whole_requests() {
    local way status request end='Connection: close\r\n\r\n'
    make_net
    load --programs "$PROG"
    serve
    while IFS='|' read -r status request; do
        sends "$request$end"
        same "status of the answers to $request" "$status" "$(sed -n 's,^HTTP/1.1 \([0-9]*\) .*,\1,p' "$T/answer")"
    done <<'END'
200|GET /metrics HTTP/1.1\r\nHost: a\r\n
200|GET /metrics HTTP/1.1\r\nHost:\r\n
200|GET /metrics HTTP/1.0\r\n
200|GET http://127.0.0.1:9191/metrics HTTP/1.1\r\nHost: a\r\n
200|GET HTTP://a HTTP/1.1\r\nHost: localhost\r\n
200|GET http://a/activity?cgroup=/ HTTP/1.1\r\nHost: localhost\r\n
200|HEAD http://a/healthz HTTP/1.1\r\nHost: [::1]:9191\r\n
403|GET /activity HTTP/1.1\r\nHost: a\r\n
403|HEAD / HTTP/1.1\r\nHost: 127.0.0.1.a:9191\r\n
403|GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Language: \r\n
403|GET /metrics HTTP/1.1\r\nHost: a\r\nOrigin: null\r\n
404|GET http://a/nothing HTTP/1.1\r\nHost: a\r\n
405|DELETE http://a/metrics HTTP/1.1\r\nHost: a\r\n
400|GET http:///metrics HTTP/1.1\r\nHost: a\r\n
400|GET http://a/metrics HTTP/1.1\r\n
400|GET metrics HTTP/1.1\r\nHost: a\r\n
405|OPTIONS * HTTP/1.1\r\nHost: a\r\n
400|GET * HTTP/1.1\r\nHost: a\r\n
400|CONNECT a:80 HTTP/1.1\r\nHost: a\r\n
400|GET /metrics HTTP/1.1\r\n
400|HEAD /metrics HTTP/1.1\r\n
400|POST /metrics HTTP/1.1\r\n
400|GET /metrics HTTP/1.1\r\nHost : a\r\n
400|GET /metrics HTTP/1.1\r\nHost: a\r\nHost: a\r\n
400|GET /metrics HTTP/1.0\r\nHost: a\r\nX: y\r\nhost: b\r\n
400|GET /metrics HTTP/1.1\r\nHost: a, b\r\n
413|GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n
404|GET /metrics%%00x HTTP/1.1\r\nHost: a\r\n
400|GET /metrics\0x HTTP/1.1\r\nHost: a\r\n
400|GET /activity?cgroup=/%%00x HTTP/1.1\r\nHost: localhost\r\n
400|GET /activity?cgroup=/\0x HTTP/1.1\r\nHost: localhost\r\n
400|GET /activity?cgroup%%00=/ HTTP/1.1\r\nHost: localhost\r\n
400|GET /activity?container=0123456789ab%%00 HTTP/1.1\r\nHost: localhost\r\n
400|GET /activity?cgroup=/&cgroup=/ HTTP/1.1\r\nHost: localhost\r\n
400|GET /activity?cgroup HTTP/1.1\r\nHost: localhost\r\n
400|GET /metrics x HTTP/1.1\r\nHost: a\r\n
END
    for way in ask ask_socket; do
        answers 200 "$way" / --request-target http://localhost/metrics
        says "$T/body" "^$GAUGE 0\$"
        answers 400 "$way" /metrics -H Host:
        answers 404 "$way" /metrics%00x
        answers 400 "$way" "/activity?cgroup=/%00x"
        answers 405 "$way" / -X OPTIONS --request-target '*'
        same "methods" "GET, HEAD" "$(header Allow)"
    done
    empty "$T/serve.err"
}

BACKGROUND+=(test_http_time_limits)

# The server drops silent clients after 10 s, and endless requests after 30 s.
test_http_time_limits() {
    make_net
    load --programs "$PROG"
    serve
    start_slow 'cat <&3'
    local silent=$STARTED
    start_slow 'printf "GET /metrics HTTP/1.1\r\nX: " >&3; while printf a >&3; do sleep 0.5; done'
    local endless=$STARTED
    sleep 7
    kill -0 "$silent" || fail "the server dropped a silent client before 7 s"
    finish "$silent" 8
    sleep 8
    kill -0 "$endless" || fail "the server dropped a slow client before 15 s"
    finish "$endless" 20
}

# start_slow COMMAND - start a client that has its connection at descriptor 3
start_slow() {
    start "${NET[@]}" "$BASH" -c "exec 3<>/dev/tcp/127.0.0.1/9191 && $1" >"$T/slow" 2>&1
}

# A client that closes its side is answered, and the connection is closed at once.
test_http_half_closed_connections() {
    make_net
    load --programs "$PROG"
    serve
    "${NET[@]}" "$BUILD/tests/hostile" 9191 3 wholes >"$T/wholes"
    same "failures" 0 "$(count_of failed wholes)"
    same "refusals" 0 "$(count_of refused wholes)"
    at_least "answers" 30 "$(count_of granted wholes)"
}

test_http_bad_queries() {
    local query
    need jq
    make_net
    load --programs "$PROG"
    serve
    for query in cgroup cgroup= cgroup=/%00 cgroup=/a%00x cgroup=relative cgroup=/a/../b cgroup=/a/ container=abc container=0123456789AB \
        pid=0 pid=-1 pid=1x pid=99999999999 user=root 'pid=1&pid=2' 'cgroup=/&pid=1' 'a=b' '='; do
        for way in ask ask_socket; do
            answers 400 "$way" "/activity?$query"
            same "type for $query" application/json "$(header Content-Type)"
            is .type error
        done
    done
    # A pid that no process has, an unwatched process, an unknown control group and container.
    for query in pid=4194303 pid=$$ "cgroup=/hb$$.none" container=feedfeedfeed; do
        answers 404 ask_socket "/activity?$query"
        is .type error
    done
    # Over TCP nobody may find out which processes and users exist.
    for query in pid=1 pid=$$ pid=4194303 cgroup=/user.slice/user-1000.slice; do
        answers 403 ask "/activity?$query"
    done
}

# --- Socket activation --------------------------------------------------------------------------

# passed_sockets MODE - start hb-read as systemd does, with a TCP socket and a unix socket of that mode
passed_sockets() {
    need jq systemd-socket-activate
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
    same "pids over TCP" "" "$(ask /activity | pids_in_json)"
    same "pids over the socket" "$BEATER" "$(ask_socket /activity | pids_in_json)"
    # It listens at the address of the service manager, and not at the default one.
    same "listening sockets" 1 "$("${NET[@]}" cat /proc/net/tcp | awk '$4 == "0A"' | wc -l)"
    end "$READER"
    same "exit status" 0 "$STATUS"
    [ -S "$T/socket" ] || fail "the service manager's socket was removed"
    says_not "$T/serve.err" "^hb-read"
}

test_passed_socket_that_is_open_to_all() {
    passed_sockets 666
    same "pids over the socket" "" "$(ask_socket /activity | pids_in_json)"
    says_not <(ask_socket /) "Processes</h2>"
    says "$T/serve.err" "^hb-read: unix socket [0-9]+ \(passed\): everybody can connect, so it serves no details"
}

# passes VARIABLE... - run hb-read as a service manager does, but with a file at descriptor 3
passes() {
    "${NET[@]}" env "$@" "$BASH" -c 'export LISTEN_PID=${LISTEN_PID:-$$}; exec "$@" 3</dev/null' - \
        "$HB_READ" serve --pin-dir "$PIN"
}

test_passed_sockets_that_are_none() {
    make_net
    load --programs "$PROG"
    refuses "$EXIT_FAILED" "descriptor 3 is not a listening stream socket" passes LISTEN_FDS=1
    refuses "$EXIT_FAILED" "LISTEN_FDS=999: at most [0-9]+ sockets can be passed" passes LISTEN_FDS=999
    refuses "$EXIT_FAILED" "LISTEN_FDS=x: at most" passes LISTEN_FDS=x
    # Ignore what was passed to another process.
    start passes LISTEN_FDS=1 LISTEN_PID=1 2>"$T/serve.err"
    wait_for 5 "the default address" gauge_is http://127.0.0.1:9090/metrics 0
    empty "$T/serve.err"
}

# --- Hostile clients ----------------------------------------------------------------------------

BACKGROUND+=(test_hostile_clients)

# The first reader prints, collects and answers under attack; the second one only prints.
test_hostile_clients() {
    local seconds=40 attack attacks=(idle slowloris header pipeline paths accepts halves wholes)
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
        # The attackers must not take the processor from the server.
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
    wait_for 10 "lines of the reader under attack" has_lines "$T/attacked.out" "$(beats)"
    end "$first"
    same "exit status under attack" 0 "$STATUS"
    end "$second"
    head -n 2 "$T/honest" "${attacks[@]/#/$T/}"
    echo "reads $READS, beats $(beats), missed $(missed), resident before $before KiB, after $after KiB"
    # No beat is lost.
    at_least "reads" 10000 "$READS"
    at_most "beats" "$READS" "$(beats)"
    at_least "beats and missed" "$READS" $(($(beats) + $(missed)))
    same "lines of the reader under attack ($(said_lost attacked) lost)" "$(beats)" "$(lines "$T/attacked.out")"
    same "lines of the other reader" "$(beats)" "$(lines "$T/second.out")"
    empty "$T/attacked.err"
    # Each attack took place.
    at_least "idle connections" $((1000 / HB_TEST_SLOW)) "$(count_of connections idle)"
    at_least "slow connections" $((200 / HB_TEST_SLOW)) "$(count_of connections slowloris)"
    at_least "headers refused" $((20 / HB_TEST_SLOW)) "$(count_of refused header)"
    at_least "pipelined answers" $((100 / HB_TEST_SLOW)) "$(count_of granted pipeline)"
    at_least "paths refused" $((100 / HB_TEST_SLOW)) "$(count_of refused paths)"
    at_least "answers to bad Accept headers" $((100 / HB_TEST_SLOW)) "$(count_of granted accepts)"
    at_least "half requests" $((10 / HB_TEST_SLOW)) "$(count_of connections halves)"
    at_least "answers to half-closed connections" $((100 / HB_TEST_SLOW)) "$(count_of granted wholes)"
    for attack in "${attacks[@]}"; do
        same "failures of the server under attack '$attack'" 0 "$(count_of failed "$attack")"
    done
    # The honest client gets its answers soon.
    at_least "scrapes" $((100 / HB_TEST_SLOW)) "$(count_of answers honest)"
    same "scrapes without an answer" 0 "$(count_of failed honest)"
    at_most "us that 19 of 20 scrapes took" $((100000 * HB_TEST_SLOW)) "$(count_of most honest)"
    at_most "KiB more than before" 8192 $((after - before))
}

# count_of WHAT ATTACK - print the number that the attacker printed
count_of() {
    sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" "$T/$2"
}

# resident PID - print its memory, in KiB
resident() {
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$1/status"
}
