# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Check that the manual pages, --help and the programs agree.

# manual PROGRAM - set MANUAL to its page
manual() {
    local page
    for page in "$LIB_ROOT"/{loader,reader}/"$1.8"; do
        [ ! -e "$page" ] || MANUAL=$page
    done
    [ -n "${MANUAL:-}" ] || skip "there is no $1.8 here"
}

# Print the source of the page, with long options as a user types them.
plain() {
    sed -e '/^\.\(It \|Op \)\{0,1\}Fl/s/ \\-/ --/g; s/\\-/-/g' "$MANUAL"
}

options_of_help() {
    grep -oE '^  (-[a-zA-Z], )?--[a-z-]+' "$T/help" | grep -oE -e '--?[a-zA-Z-]+' | sort
}

# `Fl v , --verbose` names a short and a long option.
options_of_manual() {
    plain | sed -n 's/^\.It Fl //p' | grep -oE -e '(--[a-z-]+|^[a-zA-Z]( |$))' | sed 's/^\([a-zA-Z]\) *$/-\1/' | sort
}

commands_of_help() {
    sed -nE '/^Commands:/,/^$/s/^  ([a-z]+).*/\1/p' "$T/help" | sort
}

# The first list only: the list of options has nested lists of values.
commands_of_manual() {
    sed -n '/^The commands:/,/^The options:/s/^\.It Cm \([a-z]*\).*/\1/p' "$MANUAL" | sort
}

# same_lists WHAT FILE FILE
same_lists() {
    same "$1 only in --help (<) or only in the manual page (>)" "" "$(diff "$2" "$3" | grep '^[<>]' | tr '\n' ' ')"
}

# compare PROGRAM PATH LEAST-COMMANDS LEAST-OPTIONS
compare() {
    manual "$1"
    exits 0 "$2" --help
    empty "$T/err"
    cp "$T/out" "$T/help"
    options_of_help >"$T/options.help"
    options_of_manual >"$T/options.manual"
    commands_of_help >"$T/commands.help"
    commands_of_manual >"$T/commands.manual"
    same_lists options "$T/options.help" "$T/options.manual"
    same_lists commands "$T/commands.help" "$T/commands.manual"
    at_least "commands" "$3" "$(lines "$T/commands.help")"
    at_least "options" "$4" "$(lines "$T/options.help")"
}

test_manual_of_hb_load() {
    compare hb-load "$HB_LOAD" 3 14
}

test_manual_of_hb_read() {
    compare hb-read "$HB_READ" 5 15
}

# The keys, as hb-load check prints them.
keys() {
    exits 0 "$HB_LOAD" check --pin-dir "$PIN"
    sed -n 's/^setting  \([A-Za-z]*\)=.*/\1/p' "$T/out" | sort -u
}

test_manual_of_the_configuration() {
    MANUAL=$LIB_ROOT/loader/heartbeat.conf.5
    [ -e "$MANUAL" ] || skip "there is no heartbeat.conf.5 here"
    keys >"$T/keys"
    at_least "keys" 6 "$(lines "$T/keys")"
    plain | sed -n '/^\.Sh KEYS/,/^\.Sh NAMES/s/^\.It Cm //p' | sort >"$T/keys.manual"
    same "keys only in the program (<) or only in heartbeat.conf.5 (>)" "" \
        "$(diff "$T/keys" "$T/keys.manual" | grep '^[<>]' | tr '\n' ' ')"
}

# Each line that is commented out is the default.
test_installed_configuration_shows_the_defaults() {
    local file=$LIB_ROOT/loader/heartbeat.conf
    [ -e "$file" ] || skip "there is no heartbeat.conf here"
    keys >"$T/keys"
    sed -n 's/^setting  \(.*\) (default)$/\1/p' "$T/out" | tr ',' ' ' >"$T/defaults"
    sed -nE 's/^#?([A-Z][A-Za-z]*)=.*/\1/p' "$file" | sort | diff "$T/keys" - || fail "other keys"
    sed -nE 's/^#([A-Z][A-Za-z]*=.*)/\1/p' "$file" >"$T/shown"
    at_least "defaults" 5 "$(lines "$T/shown")"
    same "lines that are not the default" "" "$(grep -vxFf "$T/defaults" "$T/shown")"
    # It is accepted as it is.
    mkdir -p /etc/activity-heartbeat
    sed "s/^Group=.*/Group=$GROUP/" "$file" >/etc/activity-heartbeat/heartbeat.conf
    exits 0 "$HB_LOAD" check --pin-dir "$PIN"
    says "$T/out" "^setting  Group=$GROUP \(/etc/activity-heartbeat/heartbeat.conf:[0-9]+\)\$"
}

# Print the synopsis as lines `COMMAND OPTION`, with a dash for no command.
synopsis() {
    plain | awk '
        /^\.Sh / { inside = /SYNOPSIS/ }
        !inside { next }
        /^\.Nm/ { command = "-" }
        /^\.Cm / { command = $2 }
        { sub(/^\./, ""); for (i = 1; i < NF; i++) if ($i == "Fl" && $(i + 1) ~ /^--/) print command, $(i + 1) }' | sort
}

# Print the same lines from trying each pair: accepted ones fail because nothing is loaded.
accepted() {
    local command option status
    local -a arguments
    local -A values=([--format]=text [--gc-interval]=5 [--listen]=none [--watch]="" [--cgroup]=/ [--pid]=1 [--node]=n
        [--pod]=00000000-0000-0000-0000-000000000000
        [--container]=0123456789ab [--touch]=$T/touched [--pin-dir]=$PIN
        [--self]="--socket $T/none" [--socket]="$T/none --self")
    local -A words=([-]="" [serve]=serve [list]=list [status]=status [idle]="idle 5" [explain]="explain 1")
    for command in "${!words[@]}"; do
        for option in "${!values[@]}"; do
            status=0
            read -ra arguments <<<"${words[$command]} --pin-dir $PIN $option ${values[$option]}"
            "$HB_READ" "${arguments[@]}" >"$T/out" 2>"$T/err" || status=$?
            case $status in
            "$EXIT_NOT_LOADED") echo "$command $option" ;;
            "$EXIT_USAGE") ;;
            # There is no server to ask.
            "$EXIT_FAILED") [[ $option != --s* ]] || echo "$command $option" ;;
            *) fail "hb-read $command $option: exit $status" ;;
            esac
        done
    done | sort
}

test_manual_lists_options_of_commands() {
    manual hb-read
    need script
    synopsis >"$T/synopsis"
    accepted >"$T/accepted"
    # --watch needs a terminal, and the program checks that first.
    exits "$EXIT_NOT_LOADED" script -qefc "'$HB_READ' list --watch --pin-dir '$PIN'" "$T/screen"
    echo "list --watch" | sort - "$T/accepted" >"$T/all"
    at_least "options of commands" 15 "$(lines "$T/all")"
    same "options only in hb-read (<) or only in its synopsis (>)" "" \
        "$(diff "$T/all" "$T/synopsis" | grep '^[<>]' | tr '\n' ';')"
}

# Print the names without their prefix, and process_* as one.
names_in_metrics() {
    sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$T/metrics" |
        sed 's/^activity_heartbeat_//; s/^process_.*/process_*/' | sort -u
}

names_in_manual() {
    sed -n '/^\.Sh METRICS/,/^\.Sh SIGNALS/s/^\.It Va //p' "$MANUAL" | tr -s ' ,' '\n' | sort
}

test_manual_names_the_metrics() {
    # These appear only with a fall-back, or while the kernel counts runs.
    local sometimes='hook_fallback_info|program_runs_total|program_run_seconds_total'
    manual hb-read
    need curl
    load --programs "$PROG"
    start "$HB_READ" serve --pin-dir "$PIN" --gc-interval 1 --listen "unix:$T/socket" 2>"$T/serve.err"
    beat 3
    wait_for 10 "metrics" has_metrics
    names_in_metrics >"$T/names"
    names_in_manual >"$T/described"
    at_least "metrics" 15 "$(lines "$T/names")"
    same "metrics missing in the manual page" "" "$(comm -23 "$T/names" "$T/described" | tr '\n' ' ')"
    same "metrics that only the manual page has" "" \
        "$(comm -13 "$T/names" "$T/described" | grep -vxE "$sometimes" | tr '\n' ' ')"
}

has_metrics() {
    curl -sS --max-time 5 --unix-socket "$T/socket" http://localhost/metrics >"$T/metrics" 2>"$T/curl.err" &&
        grep -q collector_duration "$T/metrics"
}
