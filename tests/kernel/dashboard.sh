# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The Grafana dashboard and the Prometheus rules in tools/monitoring, tried with a Prometheus that
# scrapes hb-read.

MONITORING=$LIB_ROOT/tools/monitoring
DASHBOARD=$MONITORING/grafana-dashboard.json
BACKGROUND+=(test_dashboard_and_rules_have_data test_rules_name_pods)

# start_prometheus [HOST] - start one in our network that has the rules, and scrapes twice per second: port
# 9090 of HOST, and what serve_kube_state_metrics serves
start_prometheus() {
    mkdir "$T/prometheus"
    cp "$MONITORING/rules.yml" "$T/prometheus"
    cat >"$T/prometheus/prometheus.yml" <<EOF
global:
    scrape_interval: 500ms
    evaluation_interval: 500ms
rule_files: [rules.yml]
scrape_configs:
    - job_name: activity-heartbeat
      static_configs:
          - targets: ["${1:-127.0.0.1}:9090"]
    - job_name: kube-state-metrics
      honor_labels: true
      static_configs:
          - targets: ["127.0.0.1:9092"]
EOF
    promtool check config "$T/prometheus/prometheus.yml" >"$T/config" 2>&1 ||
        fail "promtool: $(tail -n 3 "$T/config" | tr '\n' '|')"
    start "${NET[@]}" prometheus --config.file="$T/prometheus/prometheus.yml" \
        --storage.tsdb.path="$T/prometheus/data" --web.listen-address=127.0.0.1:9091 \
        >"$T/prometheus/log" 2>&1
    wait_for 60 "Prometheus" is_ready
}

# serve_kube_state_metrics - what kube-state-metrics would report of our pod, as dev/ws-1, and its
# container; $T/kube/metrics can change
serve_kube_state_metrics() {
    mkdir "$T/kube"
    cat >"$T/kube/metrics" <<EOF
# TYPE kube_pod_info gauge
kube_pod_info{namespace="dev",pod="ws-1",uid="$POD",node="n1",host_ip="192.0.2.1",created_by_kind="StatefulSet"} 1
kube_pod_info{namespace="dev",pod="elsewhere",uid="00000000-1111-2222-3333-444444444444",node="n2"} 1
# TYPE kube_pod_container_info gauge
kube_pod_container_info{namespace="dev",pod="ws-1",uid="$POD",container="shell",container_id="containerd://$CONTAINER",image="i"} 1
kube_pod_container_info{namespace="dev",pod="ws-1",uid="$POD",container="waits",container_id=""} 1
EOF
    start "${NET[@]}" python3 -m http.server --bind 127.0.0.1 --directory "$T/kube" 9092 >"$T/kube.log" 2>&1
}

is_ready() {
    fetch -f -o "$T/ready" http://127.0.0.1:9091/-/ready 2>"$T/ready.err"
}

# query EXPRESSION - print the result as JSON
query() {
    fetch -G --data-urlencode "query=$1" http://127.0.0.1:9091/api/v1/query
}

# has_result EXPRESSION - the result has a sample
has_result() {
    query "$1" | jq -e '.status == "success" and (.data.result | length > 0)' >"$T/jq"
}

# Print the panel and the expression of each query, with variables filled in as Grafana does for the
# last minute.
panel_queries() {
    jq -r '.panels[] | .title as $title | .targets[]? | [$title, .expr] | @tsv' "$DASHBOARD" |
        sed -e 's/\$__rate_interval/60s/g' -e 's/\$__range/60s/g' \
            -e 's/\$job/activity-heartbeat/g' -e 's/\$instance/.+/g'
}

test_dashboard_and_rules_have_data() {
    local title expression
    need jq prometheus promtool python3
    make_pod
    make_net
    load --programs "$PROG,${PROG}x"
    start "${NET[@]}" "$HB_READ" serve --pin-dir "$PIN" --gc-interval 1 >"$T/serve.out" 2>"$T/serve.err"
    start_beater "$PROG" --terminal --type --pace-us 10000 0
    enter_cgroup "$POD_SLICE/cri-containerd-$CONTAINER.scope" "$BEATER"
    go "$BEATER"
    serve_kube_state_metrics
    start_prometheus
    # Answers over TCP are delayed.
    wait_for 60 "beats" has_result "rate(activity_heartbeat_beats_total{program=\"$PROG\"}[30s]) > 0"
    wait_for 30 "rates of a minute" has_result 'instance:activity_heartbeat_beats:rate5m > 0'

    same "open editors" 1 "$(query "$GAUGE" | jq -r '.data.result[].value[1]')"
    panel_queries >"$T/queries"
    at_least "queries" 15 "$(lines "$T/queries")"
    says_not "$T/queries" '\$[a-z_]'
    while IFS=$'\t' read -r title expression; do
        has_result "$expression" || fail "panel '$title': $expression: $(query "$expression")"
    done <"$T/queries"

    # Prometheus can evaluate each rule, and there is no alert.
    fetch http://127.0.0.1:9091/api/v1/rules >"$T/rules"
    same "rules with errors" "" \
        "$(jq -r '.data.groups[].rules[] | select(.health != "ok") | "\(.name): \(.lastError)"' "$T/rules")"
    same "rules" "$(grep -cE '^ +- (record|alert):' "$MONITORING/rules.yml")" \
        "$(jq '[.data.groups[].rules[]] | length' "$T/rules")"
    ! has_result ALERTS || fail "alerts: $(query ALERTS)"

    # Without the hooks an alert becomes pending: it fires later.
    rm -f "$PIN/hooks"/{fentry_read,fentry_read_compat,fexit_tty_read,read_exit}
    wait_for 30 "the alert" has_result 'ALERTS{alertname="ActivityHeartbeatHooksGone", alertstate="pending"}'
    has_result 'activity_heartbeat_hooks_alive == 0' || fail "hooks_alive is not 0"
    # The same happens when nothing is loaded.
    unload
    wait_for 30 "the alert" has_result 'ALERTS{alertname="ActivityHeartbeatDown", alertstate="pending"}'
}

# is_idle_for EXPRESSION RELATION SECONDS - the expression has one sample, a number of seconds like that
is_idle_for() {
    query "$1" | jq -e ".data.result | length == 1 and (.[0].value[1] | tonumber $2 $3)" >"$T/jq"
}

# has_no_result EXPRESSION
has_no_result() {
    query "$1" | jq -e '.status == "success" and (.data.result | length == 0)' >"$T/jq"
}

# What somebody would stop a pod by: its name, and a time that is there only while it is known.
test_rules_name_pods() {
    local pod='namespace_pod:activity_heartbeat_idle:seconds{namespace="dev",pod="ws-1"}'
    local container='namespace_pod_container:activity_heartbeat_idle:seconds{pod="ws-1",container="shell"}'
    need jq prometheus promtool python3
    make_pod
    make_net
    load --programs "$PROG"
    start "${NET[@]}" "$HB_READ" serve --pin-dir "$PIN" 2>"$T/serve.err"
    serve_kube_state_metrics
    start_prometheus
    wait_for 60 "the pod" has_result "$pod"
    has_result "$container" || fail "no container: $(query "$container")"
    same "pods that no node reports" true "$(query 'absent(namespace_pod:activity_heartbeat_idle:seconds{pod="elsewhere"})' |
        jq '.data.result | length == 1')"
    # Nobody works there for a while, then somebody does.
    wait_for 60 "an idle pod" is_idle_for "$pod" ">=" 16
    started_in "$POD_SLICE/cri-containerd-$CONTAINER.scope/init" "$PROG" --pace-us 100000 0
    wait_for 30 "a key in the pod" is_idle_for "$pod" "<" 9
    wait_for 5 "a key in the container" is_idle_for "$container" "<" 9
    end "$BEATER" KILL
    wait_for 60 "an idle pod" is_idle_for "$pod" ">=" 9
    # A new pod takes the name: its node has not reported it.
    sed -i "/^kube_pod_info/s/$POD/${POD:1}0/" "$T/kube/metrics"
    wait_for 30 "the end of the old pod" has_no_result "$pod"
    sed -i "/^kube_pod_info/s/${POD:1}0/$POD/" "$T/kube/metrics"
    wait_for 30 "the pod" has_result "$pod"
    # What is not known has no time.
    rm -f "$PIN/hooks"/{fentry_read,fentry_read_compat,fexit_tty_read,read_exit}
    wait_for 30 "no time of the pod" has_no_result "$pod"
    has_no_result "$container" || fail "an unknown container: $(query "$container")"
    same "hooks" 0 "$(query activity_heartbeat_hooks_alive | jq -r '.data.result[].value[1]')"
}

test_dashboard_is_well_formed() {
    need jq
    # Each panel has what Grafana and its readers need.
    same "panels that lack something" "" "$(jq -r '.panels[] | select(.type != "row") |
        select((.title and .description and .datasource and (.targets | length > 0) and .gridPos) | not) |
        "\(.id)"' "$DASHBOARD")"
    same "panels with the same id" "" "$(jq -r '[.panels[].id] | group_by(.)[] | select(length > 1)[0]' "$DASHBOARD")"
    same "panels that are too wide" "" "$(jq -r '.panels[] | select(.gridPos.x + .gridPos.w > 24).id' "$DASHBOARD")"
    same "panels that overlap" "" "$(jq -r '[.panels[] | {id} + .gridPos] | . as $all | $all[] | . as $a |
        $all[] | select(.id > $a.id and .x < $a.x + $a.w and $a.x < .x + .w and
            .y < $a.y + $a.h and $a.y < .y + .h) | "\($a.id) and \(.id)"' "$DASHBOARD")"
    same "queries without the chosen job and nodes" "" "$(jq -r '.panels[].targets[]?.expr |
        select(contains("{job=\"$job\", instance=~\"$instance\"}") | not)' "$DASHBOARD")"
}

test_rules_fire_as_documented() {
    need promtool
    promtool check rules "$MONITORING/rules.yml" >"$T/check" 2>&1 || fail "check: $(tail -n 5 "$T/check" | tr '\n' '|')"
    promtool test rules "$MONITORING/rules_test.yml" >"$T/test" 2>&1 || fail "test: $(tail -n 20 "$T/test" | tr '\n' '|')"
    # Each alert must have a test.
    sed -n 's/^ *- alert: //p' "$MONITORING/rules.yml" | while read -r alert; do
        grep -q "alertname.*$alert" "$MONITORING/rules_test.yml" || fail "alert $alert has no test"
    done
}
