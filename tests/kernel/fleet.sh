# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The fleet: its rules, and hb-fleet with servers that answer well and badly.

FLEET=$LIB_ROOT/tools/fleet
BACKGROUND+=(test_fleet_with_prometheus)

test_fleet_rules() {
    local name
    need promtool
    promtool check rules "$FLEET/rules.yml" >"$T/check" 2>&1 || fail "check: $(tail -n 5 "$T/check" | tr '\n' '|')"
    promtool test rules "$FLEET/rules_test.yml" >"$T/test" 2>&1 || fail "test: $(head -n 20 "$T/test" | tr '\n' '|')"
    # Each rule for people to use has a test.
    sed -n 's/^ *- \(alert\|record\): //p' "$FLEET/rules.yml" | grep -v instance_ | grep -v unnamed_ |
        grep -v workspace:activity_heartbeat_answer | while read -r name; do
        grep -q "\(expr: .*\|alertname: \)$name" "$FLEET/rules_test.yml" || fail "$name has no test"
    done
}

# --- A server that answers as it is told ------------------------------------------------------------

# serve_answers [SCHEME] - answer /NAME/api/v1/query with the file $T/answers/NAME; with https by the
# certificate $T/cert.pem
serve_answers() {
    mkdir -p "$T/answers"
    cat >"$T/server.py" <<'EOF'
import http.server, os, ssl, sys, urllib.parse
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        name = url.path.split("/")[1]
        with open("asked", "w") as asked:
            asked.write(f"{self.headers.get('Authorization')}\n{url.path}\n{url.query}\n")
        body = open(f"answers/{name}", "rb").read()
        status = 200
        if body[:3].isdigit():
            status, body = int(body[:3]), body[3:]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments):
        pass
server = http.server.HTTPServer(("127.0.0.1", 9093), Handler)
if sys.argv[1] == "https":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("cert.pem", "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
open("serving", "w").close()
server.serve_forever()
EOF
    start "${NET[@]}" env -C "$T" python3 server.py "${1:-http}" >"$T/server.log" 2>&1
    wait_for 10 "the server" test -e "$T/serving"
}

# answer NAME SAMPLE... - write it; SAMPLE is `PART VALUE [LABEL=VALUE]...`. The server's clock is at 1000000.
answer() {
    local name=$1 sample
    shift
    for sample; do
        jq -n --arg sample "$sample" '$sample | split(" ") | {metric: ({hb_part: .[0]} +
            (.[2:] | map(split("=") | {key: .[0], value: .[1]}) | from_entries)), value: [1000000, .[1]]}'
    done | jq -s '{status: "success", data: {resultType: "vector", result: .}}' >"$T/answers/$name"
}

# good NAME IDLE [SERVER] - what a server says about a pod on node-1 that it knows
good() {
    answer "$1" "known 1 workspace=u kind=pod pod=ws" "idle $2 workspace=u kind=pod pod=ws" \
        "evaluated 999990 workspace=u kind=pod pod=ws" "at $2 workspace=u instance=i1" "certain 5000 instance=i1" \
        "node 1 instance=i1 node=node-1"
}

# asks STATUS PATTERN NAME [ARGUMENT]... - what hb-fleet prints about a pod with that answer
asks() {
    local status=$1 pattern=$2 name=$3
    shift 3
    exits "$status" "${NET[@]}" "$FLEET/hb-fleet" idle 30m --pod dev/ws --url "http://127.0.0.1:9093/$name" "$@"
    same "lines" 1 "$(lines "$T/out")"
    says "$T/out" "$pattern"
    empty "$T/err"
}

test_fleet_answers() {
    need jq curl python3
    make_net
    serve_answers
    good active 1799.9
    asks 0 "^active: for 1799 s: pod dev/ws, evaluated 1970-01-12T13:46:30Z\$" active
    good idle 1800
    asks "$EXIT_IDLE" "^idle: for 1800 s: pod dev/ws, evaluated " idle
    asks 0 '^\{"verdict":"active",.*"workspace":"u","nodes":\["node-1"\]\}$' active --format json
    # It was evaluated 10 seconds ago.
    asks "$EXIT_IDLE" "^idle: " idle --max-age 10s
    asks 1 "^unknown: pod dev/ws: the rules were last evaluated 10 s ago\$" idle --max-age 9
    asks "$EXIT_IDLE" "^idle: " idle --after 999989.9
    asks 1 "^unknown: pod dev/ws: there is no newer evaluation\$" idle --after 999990
    # What is certain is shorter than what is asked about.
    sed 's/5000/1799/' "$T/answers/idle" >"$T/answers/uncertain"
    asks 1 "^unknown: pod dev/ws: activity may have been missed on its node" uncertain
    jq 'del(.data.result[] | select(.metric.hb_part == "certain"))' "$T/answers/idle" >"$T/answers/uncertain"
    asks 1 "^unknown: .* may have been missed" uncertain
    # Two servers have sent their series to one. The key that one of them has seen counts, whoever lags.
    jq -s '.[0].data.result |= map(.metric.replica = "a") | .[1].data.result |= map(.metric.replica = "b")
        | .[0].data.result += .[1].data.result | .[0]' "$T/answers/idle" "$T/answers/active" >"$T/answers/both"
    asks 0 "^active: for 1799 s" both
    sed 's/"999990"/"999000"/' "$T/answers/active" >"$T/answers/lagging"
    jq -s '.[1].data.result |= map(.metric.replica = "b") | .[0].data.result += .[1].data.result | .[0]' \
        "$T/answers/idle" "$T/answers/lagging" >"$T/answers/both"
    asks "$EXIT_IDLE" "^idle: for 1800 s" both
    # One cannot reach the node, and the other knows it.
    answer blind "known 0 workspace=u kind=pod replica=b" "evaluated 999990 workspace=u kind=pod replica=b"
    jq -s '.[0].data.result += .[1].data.result | .[0]' "$T/answers/active" "$T/answers/blind" >"$T/answers/both"
    asks 0 "^active: " both
}

test_fleet_answers_that_are_unknown() {
    local name
    need jq curl python3
    make_net
    serve_answers
    good idle 7200
    answer none "node 1 instance=i1 node=node-1"
    asks 1 "^unknown: pod dev/ws: no server reports it\$" none
    answer nothing
    asks 1 "^unknown: pod dev/ws: no server reports it\$" nothing
    answer silent "known 0 workspace=u" "evaluated 999999 workspace=u" "at -1 workspace=u instance=i1" \
        "reason 1 instance=i1 reason=reboots" "reason 1 instance=i2 reason=burns"
    asks 1 "^unknown: pod dev/ws: reboots\$" silent
    answer silent "known 0 workspace=u" "evaluated 999999 workspace=u" "at -1 workspace=u instance=i1"
    asks 1 "^unknown: pod dev/ws: its node has not been scraped for long enough, or a program" silent
    # An idle time of what is not known is none.
    sed 's/"1"/"0"/' "$T/answers/idle" >"$T/answers/contradiction"
    asks 1 "^unknown: " contradiction
    sed 's/"999990"/"1000100"/' "$T/answers/idle" >"$T/answers/future"
    asks 1 "^unknown: pod dev/ws: the rules were last evaluated 100 s in the future\$" future
    answer two "known 1 workspace=u" "known 1 workspace=v" "idle 9000 workspace=u" "idle 9000 workspace=v" \
        "evaluated 999999 workspace=u" "evaluated 999999 workspace=v"
    asks 1 "^unknown: pod dev/ws: there are 2 of that name\$" two
    jq 'del(.data.result[] | select(.metric.hb_part == "evaluated"))' "$T/answers/idle" >"$T/answers/timeless"
    asks 1 "^unknown: pod dev/ws: no server reports it\$" timeless

    # Whatever makes no sense.
    printf '<html>good morning</html>' >"$T/answers/html"
    : >"$T/answers/empty"
    printf '503{"status":"error","error":"no store\\u001b[31m"}' >"$T/answers/status"
    jq '.status = "error"' "$T/answers/idle" >"$T/answers/error"
    jq '.data.resultType = "matrix"' "$T/answers/idle" >"$T/answers/matrix"
    jq '.warnings = ["store b is down"]' "$T/answers/idle" >"$T/answers/warning"
    jq '.isPartial = true' "$T/answers/idle" >"$T/answers/partial"
    jq '.data.result[1].value[1] = "NaN"' "$T/answers/idle" >"$T/answers/nan"
    jq '.data.result[1].value[1] = "+Inf"' "$T/answers/idle" >"$T/answers/inf"
    jq '.data.result[1].value = null' "$T/answers/idle" >"$T/answers/null"
    jq '.data.result = {}' "$T/answers/idle" >"$T/answers/object"
    head -c 300 "$T/answers/idle" >"$T/answers/cut"
    echo '[]' >"$T/answers/list"
    for name in html empty status error matrix warning partial nan inf null object cut list; do
        asks 1 "^unknown: pod dev/ws: http://127.0.0.1:9093/$name" "$name"
        says_not "$T/out" $'\033'
        exits 1 "${NET[@]}" "$FLEET/hb-fleet" list --url "http://127.0.0.1:9093/$name"
        empty "$T/out"
        says "$T/err" "^hb-fleet: http://127.0.0.1:9093/$name"
    done
    says_not "$T/err" "jq"
    exits 1 "${NET[@]}" "$FLEET/hb-fleet" idle 30m --workspace $'a"}\n\e' --url http://127.0.0.1:1
    says "$T/out" "^unknown: workspace a\"}\?\?: cannot ask http://127.0.0.1:1: "
}

test_fleet_asks_carefully() {
    local good="--pod dev/ws --url http://127.0.0.1:9093/idle" arguments
    need jq curl python3 openssl
    make_net
    (cd "$T" && openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
        -addext subjectAltName=IP:127.0.0.1) >"$T/openssl" 2>&1 || fail "openssl: $(<"$T/openssl")"
    serve_answers https
    good idle 7200
    printf '%s\n' 'secret"\token' >"$T/token"
    exits "$EXIT_IDLE" "${NET[@]}" "$FLEET/hb-fleet" idle 30m --pod dev/ws --url https://127.0.0.1:9093/idle/ \
        --ca-file "$T/cert.pem" --token-file "$T/token"
    same "header" 'Bearer secret"\token' "$(sed -n 1p "$T/asked")"
    same "path" /idle/api/v1/query "$(sed -n 2p "$T/asked")"
    says "$T/asked" "nocache=1&partial_response=false\$"
    # No certificate, no answer.
    exits 1 "${NET[@]}" "$FLEET/hb-fleet" idle 30m --pod dev/ws --url https://127.0.0.1:9093/idle
    says "$T/out" "^unknown: pod dev/ws: cannot ask https://127.0.0.1:9093/idle: .*certificate"
    printf 'two\nlines' >"$T/token"
    exits 1 "${NET[@]}" "$FLEET/hb-fleet" idle 30m --pod dev/ws --url https://127.0.0.1:9093/idle --token-file "$T/token"
    says "$T/out" "^unknown: pod dev/ws: cannot use the token in $T/token"
    exits 1 "${NET[@]}" "$FLEET/hb-fleet" idle 30m --pod dev/ws --url https://127.0.0.1:9093/idle --token-file "$T/no"
    # What cannot be a name is no query.
    for arguments in "" "idle" "idle 0 $good" "idle x $good" "idle 30m" "idle 1.5h $good" "idle 30m $good --container 0123456789ab" \
        "idle 30m --pod ws" "idle 30m --pod dev/ws}" "idle 30m --container vim" "idle 30m $good --url ftp://x" \
        "idle 30m $good --format yaml" "idle 30m $good --nonsense x" "idle 30m $good --max-age x" "idle 30m $good --after x" \
        "list --pod dev/ws" "list --after 5" "lst" "idle 30m --pod"; do
        # shellcheck disable=SC2086
        exits "$EXIT_USAGE" "$FLEET/hb-fleet" $arguments
        empty "$T/out"
        same "lines for '$arguments'" 1 "$(lines "$T/err")"
    done
    exits 0 "$FLEET/hb-fleet" --help
    says "$T/out" "^Exit status: "
}

test_fleet_list() {
    need jq curl python3
    make_net
    serve_answers
    answer list "may_stop 1 workspace=u1 kind=pod namespace=dev pod=ws-1" "idle 2000 workspace=u1 kind=pod namespace=dev pod=ws-1" \
        "at 2000 workspace=u1 instance=i1" "may_stop 0 workspace=u2 kind=pod namespace=dev pod=ws-2" \
        "at -1 workspace=u2 instance=i2" "reason 1 instance=i2 reason=reboots" "evaluated 999990" \
        "may_stop 0 workspace=i1/user.slice/user-1000.slice kind=user" "idle 30 workspace=i1/user.slice/user-1000.slice kind=user" \
        "at 30 workspace=i1/user.slice/user-1000.slice instance=i1" "node 1 instance=i1 node=node-1"
    exits 0 "${NET[@]}" "$FLEET/hb-fleet" list --url http://127.0.0.1:9093/list
    same "table" "WORKSPACE                      NODE    IDLE FOR  VERDICT   REASON
dev/ws-1                       node-1  33 min    may stop
i1/user.slice/user-1000.slice  node-1  30 s      active
dev/ws-2                       i2      -         unknown   reboots" "$(<"$T/out")"
    exits 0 "${NET[@]}" "$FLEET/hb-fleet" list --url http://127.0.0.1:9093/list --format json
    same "objects" "may stop active unknown" "$(jq -r .verdict "$T/out" | xargs)"
    exits 0 "${NET[@]}" "$FLEET/hb-fleet" list --url http://127.0.0.1:9093/list --max-age 5
    same "old verdicts" "unknown unknown unknown" "$(grep -o ' unknown ' "$T/out" | xargs)"
}

# --- A real one -------------------------------------------------------------------------------------

# start_fleet_prometheus LIMIT - scrape and evaluate each second: a workspace may stop after LIMIT seconds
start_fleet_prometheus() {
    mkdir "$T/prometheus"
    sed -e "s/vector(30 \* 60)/vector($1)/" -e "s/vector(45)/vector($((30 * HB_TEST_SLOW)))/" "$FLEET/rules.yml" >"$T/prometheus/rules.yml"
    cat >"$T/prometheus/prometheus.yml" <<'EOF'
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - {job_name: activity-heartbeat, static_configs: [{targets: ["127.0.0.1:9090"]}]}
  - {job_name: kube-state-metrics, honor_labels: true, static_configs: [{targets: ["127.0.0.1:9092"]}]}
EOF
    start "${NET[@]}" prometheus --config.file="$T/prometheus/prometheus.yml" --storage.tsdb.path="$T/prometheus/data" \
        --web.listen-address=127.0.0.1:9091 >"$T/prometheus/log" 2>&1
    wait_for 60 "Prometheus" is_ready
}

# fleet STATUS [ARGUMENT]... - whether hb-fleet exits with that status
fleet() {
    local status=0
    "${NET[@]}" "$FLEET/hb-fleet" "${@:2}" --url http://127.0.0.1:9091 >"$T/fleet" 2>&1 || status=$?
    [ "$status" = "$1" ]
}

test_fleet_with_prometheus() {
    local evaluated
    need jq curl prometheus promtool python3
    make_pod
    make_net
    load --programs "$PROG"
    start "${NET[@]}" "$HB_READ" serve --pin-dir "$PIN" --node node-7 2>"$T/serve.err"
    READER=$STARTED
    serve_kube_state_metrics
    start_fleet_prometheus 20
    wait_for 60 "an idle pod" fleet "$EXIT_IDLE" idle 20 --pod dev/ws-1
    # A container of the pod is judged with it.
    fleet "$EXIT_IDLE" idle 20 --container "containerd://$CONTAINER" || fail "the container: $(<"$T/fleet")"
    fleet 0 list || fail "list: $(<"$T/fleet")"
    says "$T/fleet" "^dev/ws-1 +node-7 +[0-9]+ s +may stop\$"
    # A key in one container makes the pod active, and nothing else.
    make_cgroups "/hb$$.other"
    started_in "$POD_SLICE/cri-containerd-$CONTAINER.scope/init" "$PROG" --pace-us 100000 0
    wait_for 40 "activity" fleet 0 idle 20 --pod dev/ws-1
    fleet 0 list --format json || fail "list: $(<"$T/fleet")"
    same "verdict" active "$(jq -r 'select(.name == "dev/ws-1").verdict' "$T/fleet")"
    # Ask twice: the second answer is from a newer evaluation.
    fleet 0 idle 20 --pod dev/ws-1 --format json || fail "$(<"$T/fleet")"
    evaluated=$(jq .evaluated "$T/fleet")
    wait_for 20 "a newer evaluation" fleet 0 idle 20 --pod dev/ws-1 --after "$evaluated"
    # A node that hangs, one whose reader was killed, one without hooks.
    kill -STOP "$READER"
    wait_for 60 "an unknown pod" fleet 1 idle 20 --pod dev/ws-1
    says "$T/fleet" "^unknown: pod dev/ws-1: its node does not answer\$"
    kill -CONT "$READER"
    wait_for 60 "activity" fleet 0 idle 20 --pod dev/ws-1
    end "$READER" KILL
    wait_for 60 "an unknown pod" fleet 1 idle 20 --pod dev/ws-1
    start "${NET[@]}" "$HB_READ" serve --pin-dir "$PIN" --node node-7 2>"$T/serve.err"
    wait_for 60 "activity" fleet 0 idle 20 --pod dev/ws-1
    rm -f "$PIN/hooks"/{fentry_read,fentry_read_compat,fexit_tty_read,read_exit}
    wait_for 60 "an unknown pod" fleet 1 idle 20 --pod dev/ws-1
    says "$T/fleet" "^unknown: pod dev/ws-1: the hooks on its node do not fire\$"
    # A pod that nobody knows.
    fleet 1 idle 20 --pod dev/elsewhere || fail "$(<"$T/fleet")"
    says "$T/fleet" "^unknown: pod dev/elsewhere: no server reports it\$"
}
