# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Run every example of the manual pages, and compare what it prints with what the page shows.
#
# An example is a literal display. One that begins with a prompt is a session: each line with a prompt
# is a command, and the lines after it are its output. A member of the group heartbeat enters what follows
# `$`, or anybody in the container if it has `self` in it; root enters what follows `#`. An example that
# begins with `Key=` is a configuration file.

# What the pages call the program, its pid, and the container that it runs in.
EXAMPLE_PROGRAM=vim
EXAMPLE_PID=174
EXAMPLE_CONTAINER=3f4e5d6c7b8a
# A container in which a busy program works, and its pid.
EXAMPLE_WORKPLACE=c0ffee123456
EXAMPLE_WORKER=260

# Print the literal displays of $MANUAL as a user sees them, with a line `== NUMBER` before each.
displays() {
    awk '
        /^\.Dl / { print "== " NR; print substr($0, 5); next }
        /^\.Bd -literal/ { print "== " NR; inside = 1; next }
        /^\.Ed/ { inside = 0 }
        inside { print }' "$MANUAL" |
        sed -e 's/\\e/\\/g' -e 's/\\-/-/g' -e 's/\\(dq/"/g' -e 's/\\ / /g' -e 's/\\&//g' -e "s/\\\\(aq/'/g"
}

# as_here, as_there - replace what the pages call things by what they are called here, and back
as_here() {
    sed -e "s/\b$EXAMPLE_PROGRAM\b/$PROG/g" -e "s/\b$EXAMPLE_PID\b/$TYPIST/g" -e "s/$EXAMPLE_CONTAINER/${CONTAINER:0:12}/g" \
        -e "s/$EXAMPLE_WORKPLACE/${WORKPLACE:0:12}/g" -e "s/\b$EXAMPLE_WORKER\b/$WORKER/g"
}

as_there() {
    sed -e "s,$T/bin/,/usr/bin/,g" -e "s/\b$PROG\b/$EXAMPLE_PROGRAM/g" -e "s/\b$TYPIST\b/$EXAMPLE_PID/g" -e "s/${CONTAINER:0:12}[0-9a-f]*/$EXAMPLE_CONTAINER/g" \
        -e "s/\b$WORKER\b/$EXAMPLE_WORKER/g"
}

# Print what two outputs must have in common, once for each kind of line: the members and types of
# JSON objects; the words of a text, with N for numbers. A page indents by eight what did not fit in a line.
common() {
    if [ "$(head -c 1 "$1")" = "{" ]; then
        jq -r 'def shape:
            if type == "object" then "{" + (to_entries | sort_by(.key) | map("\(.key):\(.value | shape)") | join(",")) + "}"
            elif type == "array" then "[" + (map(shape) | unique | join("|")) + "]"
            else type end;
            "\(.type) \(shape)"' "$1"
    else
        sed -z 's/\n        / /g' "$1" | sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' -e 's/[0-9]+ (s|min|h|d)\b( [0-9]+ (min|h)\b)?/DURATION/g' -e 's/[0-9]+/N/g' -e 's/ +/ /g' -e 's/^ //'
    fi | sort -u
}

# Run COMMAND in the container of the examples, in a terminal of its own.
type_there() {
    start "$BASH" -c 'echo $$ >"$0" && exec "$@"' "$HIERARCHY$BOX/cgroup.procs" \
        "${MEMBER_AS[@]}" script -qefc "exec $T/bin/$PROG $*" /dev/null </dev/zero >"$T/typed.out" 2>&1
}

# A loaded system: a program is in use in a container, a reader follows it, and a service answers.
set_the_scene() {
    need curl jq script bpftool
    own_container
    BOX=/hb$$.examples/docker-$CONTAINER.scope
    WORKPLACE=$(rev <<<"$CONTAINER")
    make_cgroups "/hb$$.examples" "$BOX" "/hb$$.examples/docker-$WORKPLACE.scope"
    make_net
    PIN=$BPFFS/heartbeat
    # With an /etc and a /run of its own.
    cp -a /etc "$T/etc"
    mkdir -p "$T"/run/activity-heartbeat/self "$T/etc/activity-heartbeat"
    STAGE=("${NET[@]}" unshare --mount --propagation private "$BASH" -c '
        mount --bind "$0" /sys/fs/bpf && mount --bind "$1/etc" /etc && mount --bind "$1/run" /run && shift && exec "$@"' "$BPFFS" "$T")
    as_user "$MEMBER" "$GROUP_ID"
    MEMBER_AS=("${AS[@]}")
    AS=()
    echo "heartbeat:x:$GROUP_ID:" >>"$T/etc/group"
    CONFIGURATION=$T/etc/activity-heartbeat/heartbeat.conf
    { seq -f '# %g' 7 && printf 'Rule=keys\nBusy=make\n'; } >"$CONFIGURATION"
    make_path
    LOADED+=("$PIN")
    exits 0 "${STAGE[@]}" "$HB_LOAD" --group heartbeat --hook tracepoint --programs "$PROG"
    steps make background wait
    WORKER=$STEPS
    took 1
    enter_cgroup "/hb$$.examples/docker-$WORKPLACE.scope" "$WORKER"
    beater "$PROG"
    type_there --terminal --type --pace-us 50000 0
    wait_for 10 "the program" is_typing
    start "${STAGE[@]}" "${MEMBER_AS[@]}" "$HB_READ" --listen none >"$T/lines" 2>"$T/lines.err"
    chown "$MEMBER" "$T/run/activity-heartbeat"{,/self}
    start "${STAGE[@]}" "${MEMBER_AS[@]}" "$HB_READ" serve --listen 127.0.0.1:9090 \
        --listen unix:/run/activity-heartbeat/socket --listen self 2>"$T/serve.err"
    wait_for 10 "the service" test -S "$T/run/activity-heartbeat/self/socket"
    wait_for 10 "lines" has_lines "$T/lines" 3
}

is_typing() {
    TYPIST=$("$HB_READ" list --format json --pin-dir "$PIN" | jq -rs "map(select(.program == \"$PROG\" and .last_key))[0].pid // empty")
    [ -n "$TYPIST" ]
}

# Commands as the pages name them. Those that go on until they are interrupted are, after a while;
# docker is not ours to call.
make_path() {
    mkdir "$T/path"
    ln -s "$HB_LOAD" "$T/path/hb-load"
    printf '#!/bin/sh\necho "$@"\n' >"$T/path/docker"
    cat >"$T/path/hb-read" <<EOF
#!$BASH
case " \$* " in
*" list "* | *" status "* | *" idle "* | *" explain "*) exec "$HB_READ" "\$@" ;;
esac
[ -e "$T/slow" ] || exec timeout --preserve-status 2 "$HB_READ" "\$@"
timeout --preserve-status 4 "$HB_READ" "\$@" | { sleep 2 && cat; }
EOF
    chmod 0755 "$T/path"/{docker,hb-read}
}

# Read the lines of a session into COMMANDS and OUTPUTS.
read_session() {
    local line continued=
    COMMANDS=() OUTPUTS=() PROMPT=
    while IFS= read -r line; do
        if [ -n "$continued" ]; then
            COMMANDS[-1]+=$'\n'$line
        elif [[ $line == [\$#]" "* ]]; then
            [ "${PROMPT:-${line:0:1}}" = "${line:0:1}" ] || fail "line $2: two users in one example"
            PROMPT=${line:0:1}
            COMMANDS+=("${line:2}")
            OUTPUTS+=("")
        else
            OUTPUTS[-1]+=$line$'\n'
            continue
        fi
        continued=
        [[ $line != *\\ ]] || continued=yes
    done <"$1"
}

# The exit status that goes with an output.
status_for() {
    case $1 in
    *'"verdict":"idle"'* | "idle: "*) echo "$EXIT_IDLE" ;;
    *'"verdict":"unknown"'* | "unknown: "*) echo "$EXIT_FAILED" ;;
    *) echo 0 ;;
    esac
}

# run_session FILE LINE - run the commands one after the other in one shell, and check each
run_session() {
    local i
    local -a user=()
    read_session "$1" "$2"
    [ "$PROMPT" != "\$" ] || user=("${MEMBER_AS[@]}")
    [[ "$PROMPT ${COMMANDS[*]}" != "\$ "*self* ]] ||
        user=("$BASH" -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$HIERARCHY$BOX" "${user[@]}")
    rm -f "$T/slow" "$T"/shown.* "$T"/script
    mkdir -m 0777 "$T/printed"
    for i in "${!COMMANDS[@]}"; do
        printf '(exit "${status:-0}")\neval %q >%q 2>%q\nstatus=$?\necho "$status" >%q\n' \
            "${COMMANDS[i]}" "$T/printed/$i" "$T/printed/$i.err" "$T/printed/$i.status" >>"$T/script"
    done
    # What is lost is lost by a reader that nobody reads from.
    if [[ ${OUTPUTS[*]} == *'"type":"lost"'* ]]; then
        touch "$T/slow"
        type_there --terminal --type --pace-us 1000000 --burst 20011 40022
    fi
    "${STAGE[@]}" "${user[@]}" env PATH="$T/path:$PATH" HOME="$T" no_proxy='*' "$BASH" "$T/script" >"$T/session" 2>&1 </dev/null || true
    for i in "${!COMMANDS[@]}"; do
        same "exit status of '${COMMANDS[i]}', line $2 ($(tail -n 3 "$T/printed/$i.err" | tr '\n' '|'))" \
            "$(status_for "${OUTPUTS[i]}")" "$(<"$T/printed/$i.status")"
        [ -n "${OUTPUTS[i]}" ] || continue
        printf %s "${OUTPUTS[i]}" | as_there >"$T/shown"
        as_there <"$T/printed/$i" >"$T/printed.there"
        common "$T/shown" >"$T/shown.common"
        common "$T/printed.there" >"$T/printed.common"
        same "difference between what '${COMMANDS[i]}' shows in line $2 (<) and prints (>)" "" \
            "$(diff "$T/shown.common" "$T/printed.common" | grep '^[<>]' | tr '\n' ' ')"
    done
    rm -r "$T/printed"
}

# try_configuration FILE LINE - hb-load accepts it
try_configuration() {
    cp "$CONFIGURATION" "$T/conf"
    cp "$1" "$CONFIGURATION"
    exits 0 "${STAGE[@]}" "$HB_LOAD" check
    cp "$T/conf" "$CONFIGURATION"
    says "$T/out" "^setting +$(head -n 1 "$1" | cut -d= -f1)=.*heartbeat.conf:1\)\$"
}

# run_examples PAGE LEAST - run all, of which there are at least so many
run_examples() {
    local line number=0
    MANUAL=
    for line in "$LIB_ROOT"/{loader,reader}/"$1"; do
        [ ! -e "$line" ] || MANUAL=$line
    done
    [ -n "$MANUAL" ] || skip "there is no $1 here"
    set_the_scene
    mkdir "$T/examples"
    displays | as_here | awk -v at="$T/examples/" '/^== / { name = at $2; next } { print >name }'
    while read -r line; do
        number=$((number + 1))
        case $(head -n 1 "$T/examples/$line") in
        [\$#]" "*) run_session "$T/examples/$line" "$line" ;;
        [A-Z]*=*) try_configuration "$T/examples/$line" "$line" ;;
        *) fail "$1, line $line: an example begins with a prompt or with Key=" ;;
        esac
    done < <(displays | sed -n 's/^== //p')
    at_least "examples" "$2" "$number"
}

test_manual_examples_of_hb_load() {
    run_examples hb-load.8 4
}

test_manual_examples_of_the_configuration() {
    run_examples heartbeat.conf.5 4
}

test_manual_examples_of_hb_read() {
    run_examples hb-read.8 12
}
