# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# /metrics: both formats, and each number compared with the kernel's maps.

PREFIX=activity_heartbeat

# value SAMPLE - print its value in $T/page; SAMPLE is the name with all labels
value() {
    SAMPLE="$1 " awk 'index($0, ENVIRON["SAMPLE"]) == 1 { print $NF }' "$T/page"
}

# has SAMPLE VALUE - the sample has that value in $T/page
has() {
    same "$1" "$2" "$(value "$1")"
}

# near WHAT EXPECTED ACTUAL - seconds that differ by less than half a second; a slow machine gets more
near() {
    awk -v a="$2" -v b="$3" -v by="$HB_TEST_SLOW" \
        'BEGIN { exit !(a != "" && b != "" && a - b < by / 2 && b - a < by / 2) }' ||
        fail "$1: expected about '$2', got '$3'"
}

# unix_time NANOSECONDS - print a boot time as unix time
unix_time() {
    local now uptime
    read -r uptime _ </proc/uptime
    now=$EPOCHREALTIME
    awk -v ns="$1" -v now="$now" -v uptime="$uptime" 'BEGIN { printf "%.3f", now - uptime + ns / 1e9 }'
}

# field RECORD NAME - print that field of a line that `pinned` printed
field() {
    sed -n "s/\(.* \)\{0,1\}$2=\([^ ]*\).*/\2/p" <<<"$1"
}

# promtool_check FILE - promtool has no complaint
promtool_check() {
    need promtool
    promtool check metrics <"$1" >"$T/promtool" 2>&1 || fail "promtool: $(head -n 5 "$T/promtool" | tr '\n' '|')"
    empty "$T/promtool"
}

test_metrics_of_the_maps() {
    local reader record meta
    make_net
    load --programs "$PROG,${PROG}b" --readers 4 --rule stdin
    LISTEN=(--listen none)
    start_reader killed --gc-interval 0
    end "$READER" KILL
    start_reader adopting --gc-interval 0
    reader=$READER
    start_reader killed_too --gc-interval 0
    end "$READER" KILL
    AS=("${NET[@]}")
    # The stopped reader loses beats, and so does the ring of the killed one.
    kill -STOP "$reader"
    beat 10007
    start_beater "not$PROG" --hold 3
    go "$BEATER"
    wait_for 5 "the verdict 0" has_verdict "$BEATER" 0
    cat "$PIN/collect"
    same "verdict after the collection" none "$(pinned verdict "$BEATER")"
    start_beater "$PROG" --hold 53
    go "$BEATER"
    wait_for 5 "the reads" has_read "$PROG" 53
    serve --gc-interval 0
    ask_socket /metrics >"$T/page"
    kill -CONT "$reader"
    promtool_check "$T/page"
    record=$(pinned process "$BEATER")
    meta=$(pinned meta)
    has "$GAUGE" 1
    seen $((10007 + 53))
    has "${PREFIX}_beats_total{program=\"$PROG\"}" "$SEEN"
    has "${PREFIX}_beats_total{program=\"${PROG}b\"}" 0
    near "last beat" "$(unix_time "$(field "$record" last_beat)")" \
        "$(value "${PREFIX}_last_beat_timestamp_seconds{program=\"$PROG\"}")"
    same "last beat of a program without beats" "" "$(value "${PREFIX}_last_beat_timestamp_seconds{program=\"${PROG}b\"}")"
    at_least "cgroups" 1 "$(grep -c "^${PREFIX}_cgroup_last_beat_timestamp_seconds{cgroup=\".*\",container_id=\".*\",pod_uid=\".*\"} " "$T/page")"
    has "${PREFIX}_readers{state=\"open\"}" 1
    has "${PREFIX}_readers{state=\"orphaned\"}" 1
    has "${PREFIX}_readers{state=\"free\"}" 2
    has "${PREFIX}_lost_total{reader=\"0\"}" "$(pinned lost 0)"
    has "${PREFIX}_lost_total{reader=\"1\"}" "$(pinned lost 1)"
    has "${PREFIX}_lost_total{reader=\"3\"}" 0
    same "lost beats of a fifth reader" "" "$(value "${PREFIX}_lost_total{reader=\"4\"}")"
    at_least "lost" 1 "$(pinned lost 0)"
    has "${PREFIX}_collected_total" "$(pinned stat collected)"
    at_least "collected" 1 "$(pinned stat collected)"
    has "${PREFIX}_processes_refused_total" 0
    has "${PREFIX}_cgroups_refused_total" 0
    has "${PREFIX}_verdicts_refused_total" 0
    case $(field "$meta" hook) in
    0) has "${PREFIX}_hook_info{hook=\"tracepoint\",rule=\"stdin\"}" 1 ;;
    1) has "${PREFIX}_hook_info{hook=\"fentry\",rule=\"stdin\"}" 1 ;;
    *) fail "meta: $meta" ;;
    esac
    has "${PREFIX}_build_info{version=\"$("$HB_READ" --version | sed 's/^hb-read //')\",loaded=\"$(field "$meta" build)\",node=\"$(hostname)\"}" 1
    same "missed" "$(missed)" "$(sed -n "s/^${PREFIX}_missed_total{hook=\"\(fentry\|fexit\|read\)_.*} //p" "$T/page" |
        awk '{ n += $1 } END { print n }')"
    # The process itself, as the client libraries of Prometheus report it. The connection that asked
    # was one more file.
    same "open files" $(($(find "/proc/$READER/fd" -type l | wc -l) + 1)) "$(value process_open_fds)"
    same "limit of files" "$(awk '/^Max open files/ { print $4 }' "/proc/$READER/limits")" "$(value process_max_fds)"
    near "start" "$(stat -c %.Z "/proc/$READER")" "$(value process_start_time_seconds)"
    at_least "memory" 1000000 "$(value process_resident_memory_bytes)"
    at_least "addresses" 1000000 "$(value process_virtual_memory_bytes)"
    says "$T/page" '^process_cpu_seconds_total [0-9]+\.[0-9]+$'
    # No pid, user or terminal becomes a series.
    says_not "$T/page" '[{,](pid|uid|user|tty|command)='
}

# What the rule counts as beats does not move the last key, and a living program has one already.
test_metrics_of_keys() {
    local rule key path=/hb$$.keys
    local group="{cgroup=\"$path\",container_id=\"\",pod_uid=\"\"}" typed="{program=\"$PROG\"}" polled="{program=\"${PROG}b\"}"
    make_cgroups "$path"
    make_net
    for rule in stdin any keys; do
        load --programs "$PROG,${PROG}b" --rule "$rule"
        serve
        start_beater "$PROG" --terminal --type --fd 5 --hold 11
        enter_cgroup "$path" "$BEATER"
        go "$BEATER"
        wait_for 5 "the keys" has_read "$PROG" 11
        key=$(unix_time "$(field "$(pinned process "$BEATER")" last_key)")
        pause 1
        start_beater "${PROG}b" --hold 7
        enter_cgroup "$path" "$BEATER"
        go "$BEATER"
        wait_for 5 "the reads" has_read "${PROG}b" 7
        ask_socket /metrics >"$T/page"
        near "last key of the program, rule $rule" "$key" "$(value "${PREFIX}_last_key_timestamp_seconds$typed")"
        near "last key of the group, rule $rule" "$key" "$(value "${PREFIX}_cgroup_last_key_timestamp_seconds$group")"
        same "last key without keys" "" "$(value "${PREFIX}_last_key_timestamp_seconds$polled")"
        case $rule in
        keys) near "last beat of the group" "$key" "$(value "${PREFIX}_cgroup_last_beat_timestamp_seconds$group")" ;;
        *) same "last beat of the group" "$(value "${PREFIX}_last_beat_timestamp_seconds$polled")" \
            "$(value "${PREFIX}_cgroup_last_beat_timestamp_seconds$group")" ;;
        esac
        ask_socket / >"$T/body"
        says "$T/body" "<td>${PROG}b</td>.*<span class=\"soft\">never</span></td></tr>\$|No heartbeat yet: ${PROG}b"
        end "$READER"
        end "$BEATER" KILL
        unload
    done
}

test_metrics_of_the_collector() {
    make_net
    load --programs "$PROG"
    serve --gc-interval 1
    wait_for 10 "a collection" has_collected
    awk -v took="$(value "${PREFIX}_collector_duration_seconds")" 'BEGIN { exit !(took > 0 && took < 1) }' ||
        fail "a collection took $(value "${PREFIX}_collector_duration_seconds") s"
}

has_collected() {
    ask_socket /metrics >"$T/page"
    [ -n "$(value "${PREFIX}_collector_duration_seconds")" ]
}

# Make the kernel count runs during this test, and only hb-read see that this is enabled.
test_metrics_of_runs() {
    local hook runs
    make_net
    load --programs "$PROG"
    serve --gc-interval 0
    ask_socket /metrics >"$T/page"
    says_not "$T/page" "^${PREFIX}_program_run"
    end "$READER"
    start "$BUILD/tests/pinned" "$PIN" count-runs >"$T/counting"
    wait_for 5 "statistics" grep -q ready "$T/counting"
    beat 10007
    echo 1 >"$T/enabled"
    AS=(unshare --mount "${NET[@]}" "$BASH" -c
        'mount --bind "$0" /proc/sys/kernel/bpf_stats_enabled && exec "$@"' "$T/enabled")
    serve --gc-interval 0
    ask_socket /metrics >"$T/page"
    hook=$(sed -n "s/^${PREFIX}_hook_info{hook=\"\([a-z]*\)\".*/\1/p" "$T/page")
    [ "$hook" = fentry ] && hook=fentry_read || hook=read_exit
    runs=$(value "${PREFIX}_program_runs_total{hook=\"$hook\"}")
    at_least "runs of $hook" 10007 "$runs"
    awk -v runs="$runs" -v s="$(value "${PREFIX}_program_run_seconds_total{hook=\"$hook\"}")" \
        'BEGIN { exit !(s > 0 && s / runs < 0.001) }' || fail "$runs runs took an implausible time: $(<"$T/page")"
    promtool_check "$T/page"
}

# When the maps are full, refused entries are counted, and the answers stay right and quick.
test_metrics_of_full_maps() {
    local map
    make_net
    load --programs "$PROG"
    for map in processes cgroups considered_pids; do
        pinned fill "$map" >"$T/filled.$map"
    done
    same "processes" 4096 "$(<"$T/filled.processes")"
    # The control groups of this machine take some of the places.
    at_most "cgroups" 16383 "$(<"$T/filled.cgroups")"
    at_least "cgroups" 12000 "$(<"$T/filled.cgroups")"
    start_beater "$PROG" --hold 11
    go "$BEATER"
    wait_for 5 "the reads" has_read "$PROG" 11
    serve --gc-interval 0
    wait_for 5 "a moment when nothing else is refused" page_of_a_quiet_moment
    at_least "series of cgroups" "$(<"$T/filled.cgroups")" "$(grep -c "^${PREFIX}_cgroup_last_beat_timestamp_seconds{" "$T/page")"
    has "${PREFIX}_processes_refused_total" "$(pinned stat refused_processes)"
    at_least "refused processes" 1 "$(pinned stat refused_processes)"
    has "${PREFIX}_cgroups_refused_total" "$CGROUPS_REFUSED"
    has "${PREFIX}_verdicts_refused_total" "$REFUSED"
    at_least "refused verdicts" 1 "$REFUSED"
    has "$GAUGE" "$(field "$(pinned verdicts)" ones)"
    promtool_check "$T/page"
    quick /metrics "$GAUGE"
    quick / "<h2>Processes</h2>"
    quick /activity '"type":"activity"'
    quick /healthz alive
}

# Fetch the page, and set REFUSED and CGROUPS_REFUSED to what was refused. Any process of this machine that
# reads its standard input is refused too, and so is any new control group.
page_of_a_quiet_moment() {
    REFUSED=$(pinned stat refused_verdicts)
    CGROUPS_REFUSED=$(pinned stat refused_cgroups)
    ask_socket /metrics >"$T/page"
    [ "$(pinned stat refused_verdicts) $(pinned stat refused_cgroups)" = "$REFUSED $CGROUPS_REFUSED" ]
}

# quick PATH PATTERN - the quickest of nine answers over the socket, with 4,096 processes and 16,384
# groups that were active, takes less than 1 s: what others do on this machine makes none quicker
quick() {
    local took
    for _ in {1..9}; do
        ask_socket "$1" -o "$T/quick" -w '%{time_total}\n'
    done >"$T/times"
    says "$T/quick" "$2"
    took=$(sort -n "$T/times" | head -n 1)
    echo "$1: $took s, $(stat -c %s "$T/quick") bytes; $(sort -n "$T/times" | paste -sd' ')"
    awk -v took="$took" -v slow="$HB_TEST_SLOW" 'BEGIN { exit !(took < slow) }' || fail "$1 took $took s"
}

# A program's name may have any bytes.
test_metrics_with_odd_names() {
    local name=$'a"\\\xff<b>\xc3\xa4'
    make_net
    load --programs "\"${name/\"/\"\"}\""
    mkdir -p "$T/bin"
    cp "$BUILD/tests/beater" "$T/bin/$name"
    "$T/bin/$name" 11 </dev/zero >"$T/beat"
    serve
    ask_socket /metrics >"$T/page"
    has "${PREFIX}_beats_total{program=\"a\\\"\\\\%FF<b>"$'\xc3\xa4'"\"}" 11
    promtool_check "$T/page"
}

# Names that differ in any byte differ in each report, and each report's path selects its group.
test_metrics_of_cgroups_with_odd_names() {
    local name path i
    local names=($'bad\xff' $'bad\xfe' 'bad\xff' bad%FF $'b\x01d' $'\xc3\xa4 "x"' 'dev-disk\x2duuid')
    local paths=(bad%FF bad%FE 'bad\xff' bad%25FF b%01d $'\xc3\xa4 "x"' 'dev-disk\x2duuid')
    need jq
    make_net
    make_cgroups "/hb$$.odd"
    for name in "${names[@]}"; do
        make_cgroups "/hb$$.odd/$name"
    done
    load --programs "$PROG"
    for name in "${names[@]}"; do
        started_in "/hb$$.odd/$name" "$PROG" 1
    done
    serve
    wait_for 5 "the keys" has_cgroups "${#names[@]}"
    ask_socket /metrics >"$T/page"
    same "series twice" "" "$(sed -n 's/^\(.*{.*}\) .*/\1/p' "$T/page" | sort | uniq -d)"
    promtool_check "$T/page"
    for i in "${!names[@]}"; do
        path=/hb$$.odd/${paths[i]}
        same "groups with path $path" 1 "$(jq --arg path "$path" '[.cgroups[] | select(.path == $path)] | length' "$T/body")"
        # As it is reported, and as it is.
        for name in "$path" "/hb$$.odd/${names[i]}"; do
            [ "$name" != "/hb$$.odd/bad%FF" ] || [ "$name" = "$path" ] || continue
            ask_socket /activity --get --data-urlencode "cgroup=$name" >"$T/answer"
            same "selected by $name" "$path $path 1" \
                "$(jq -r '.select.cgroup + " " + .cgroups[0].path + " \(.cgroups | length)"' "$T/answer")"
            exits 0 "$HB_READ" idle 60 --pin-dir "$PIN" --cgroup "$name"
        done
    done
    # One that was selected by another name for it would not be kept from anybody.
    for name in bad%ZZ bad% %62ad; do
        answers 400 ask_socket /activity --get --data-urlencode "cgroup=/hb$$.odd/$name"
        exits "$EXIT_USAGE" "$HB_READ" idle 60 --pin-dir "$PIN" --cgroup "/hb$$.odd/$name"
    done
    "$HB_READ" list --pin-dir "$PIN" --format json >"$T/list"
    same "paths in the list" "$(printf "/hb$$.odd/%s\n" "${paths[@]}" | sort)" "$(jq -r .cgroup "$T/list" | sort)"
}

has_cgroups() {
    ask_socket /activity >"$T/body" && [ "$(jq '[.cgroups[] | select(.processes | length > 0)] | length' "$T/body")" = "$1" ]
}

# A monitor is not its container; a task of ECS has ids of its own.
test_containers_by_name() {
    local id task
    need jq
    own_container
    id=$CONTAINER task=${CONTAINER:32}
    make_net
    make_cgroups "/hb$$.c" "/hb$$.c/libpod-conmon-$id.scope" "/hb$$.c/$task-1234567890" "/hb$$.c/$task-123456789"
    load --programs "$PROG"
    started_in "/hb$$.c/libpod-conmon-$id.scope" "$PROG" 1
    started_in "/hb$$.c/$task-1234567890" "$PROG" 1
    started_in "/hb$$.c/$task-123456789" "$PROG" 1
    serve
    wait_for 5 "the keys" has_cgroups 3
    same "containers" "null $task-123456789 $task-1234567890" \
        "$(jq -r '.cgroups[].container | tostring' "$T/body" | sort -r | awk '/null/ { n = $0; next } { all = $0 " " all } END { print n, all }' | sed 's/ $//')"
    answers 404 ask_socket "/activity?container=$id"
    exits 1 "$HB_READ" idle 60 --pin-dir "$PIN" --container "$id"
    for id in "$task-1234567890" "$task-123456789"; do
        answers 200 ask_socket "/activity?container=$id"
        exits 0 "$HB_READ" idle 60 --pin-dir "$PIN" --container "$id"
    done
    # The first digits are those of the task: all its containers.
    answers 200 ask_socket "/activity?container=$task"
    same "containers of the task" 2 "$(jq '.cgroups | length' "$T/body")"
    "$HB_READ" list --pin-dir "$PIN" >"$T/list"
    says "$T/list" " $task-1234567890\$"
    says_not "$T/list" " ${CONTAINER:0:12}\$"
}

test_metrics_formats() {
    local way accept type
    local text='text/plain; version=0.0.4; charset=utf-8'
    local openmetrics='application/openmetrics-text; version=1.0.0; charset=utf-8'
    make_net
    load --programs "$PROG"
    beat 3
    serve
    for way in ask ask_socket; do
        while IFS='|' read -r type accept; do
            answers 200 "$way" /metrics -H "Accept:$accept"
            same "type for '$accept'" "${!type}" "$(header Content-Type)"
            same "Vary header" Accept "$(header Vary)"
            if [ "$type" = text ]; then
                says_not "$T/body" '^# EOF'
                says "$T/body" "^# TYPE ${PREFIX}_beats_total counter\$"
                promtool_check "$T/body"
            else
                same "last line" "# EOF" "$(tail -n 1 "$T/body")"
                says "$T/body" "^# TYPE ${PREFIX}_beats counter\$"
                says "$T/body" "^${PREFIX}_beats_total{"
            fi
            answers 200 "$way" /metrics --head -H "Accept:$accept"
            same "type of the head for '$accept'" "${!type}" "$(header Content-Type)"
        done <<'END'
text|
text| */*
text| text/plain
text| text/html
text| application/json
text| application/openmetrics-text;q=0
text| application/openmetrics-text;version=9.9.9,text/plain
text| application/openmetrics-text;q=0.4, text/plain;q=0.5
openmetrics| application/openmetrics-text
openmetrics| application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1
openmetrics| application/openmetrics-text; version=1.0.0; charset=utf-8
END
        # Several lines are one list.
        answers 200 "$way" /metrics -H "Accept: text/plain;q=0.5" -H "Accept: application/openmetrics-text"
        same "type for two lines" "$openmetrics" "$(header Content-Type)"
        answers 200 "$way" /metrics -H "Accept: application/openmetrics-text;q=0.4" -H "Accept: text/plain;q=0.5"
        same "type for two lines" "$text" "$(header Content-Type)"
    done
}

# The number of open editors, as a Prometheus that scrapes hb-read reports it.
test_metrics_count_open_editors() {
    local editors=() name
    need prometheus promtool jq script vim
    make_net
    load --programs "$PROG"
    mkdir -p "$T/bin"
    cp "$(readlink -f "$(command -v vim)")" "$T/bin/$PROG"
    start "${NET[@]}" "$HB_READ" serve --pin-dir "$PIN" 2>"$T/serve.err"
    start_prometheus
    wait_for 30 "no open editor" counts_editors 0
    for name in a b c; do
        start script -qec "exec '$T/bin/$PROG' -u NONE -n '$T/$name'" "$T/screen.$name"
        editors+=("$STARTED")
    done </dev/zero
    wait_for 30 "three open editors" counts_editors 3
    end "${editors[1]}" KILL
    wait_for 30 "two open editors" counts_editors 2
    # Prometheus asks for OpenMetrics, and accepts the answer.
    same "up" 1 "$(query up | jq -r '.data.result[0].value[1]')"
}

counts_editors() {
    [ "$(query "sum($GAUGE)" | jq -r '.data.result[0].value[1]')" = "$1" ]
}
