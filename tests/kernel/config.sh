# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The configuration of both programs, and the advice of explain, which changes it.

DEPENDS=kernel

CONF=/etc/activity-heartbeat

# config_write FILE LINE... - write a file of the configuration, below $CONF
config_write() {
    local file=$CONF/$1
    shift
    mkdir -p "$CONF/heartbeat.conf.d"
    printf '%s\n' "$@" >"$file"
}

# config_load - load with the configuration alone
config_load() {
    LOADED+=("$PIN")
    exits 0 "$HB_LOAD" --pin-dir "$PIN"
    cp "$T/out" "$T/load.out"
    "$BUILD/tests/ids" list "$PIN" >>"$TOP/ids"
}

config_hook() {
    echo "Hook=${HB_TEST_HOOK:-auto}"
}

test_config_sets_everything() {
    config_write heartbeat.conf "Programs=$PROG ${PROG}b" Rule=keys "$(config_hook)" "Group=$GROUP" Readers=3
    config_write heartbeat.conf.d/10.conf "Programs=+${PROG}c" "Programs=+\"$PROG d\""
    config_write heartbeat.conf.d/20.conf Rule=stdin
    config_load
    says "$T/load.out" "^loaded: hook .*, rule stdin, programs $PROG,${PROG}b,${PROG}c,\"$PROG d\", 3 readers, at "
    same "group" "$GROUP" "$(stat -c %G "$PIN")"
    same "programs" "$PROG $PROG d ${PROG}b ${PROG}c" "$(listed)"
    exits 0 "$HB_LOAD" check --pin-dir "$PIN" --rule any
    same "settings" "setting  Programs=$PROG,${PROG}b ($CONF/heartbeat.conf:1)
setting  Programs=+${PROG}c ($CONF/heartbeat.conf.d/10.conf:1)
setting  Programs=+\"$PROG d\" ($CONF/heartbeat.conf.d/10.conf:2)
setting  Rule=any (--rule)" "$(grep -E '^setting  (Programs|Rule)' "$T/out")"
    says "$T/out" "^setting  Group=$GROUP \($CONF/heartbeat.conf:4\)\$"
    says "$T/out" "^setting  Listen=127.0.0.1:9090 \(default\)\$"
    # What is loaded keeps its sizes, and cannot have others.
    sed -i /Readers/d "$CONF/heartbeat.conf"
    exits 0 "$HB_LOAD" check --pin-dir "$PIN"
    says "$T/out" "^setting  Readers=3 \(loaded\)\$"
    config_write heartbeat.conf.d/20.conf Readers=4
    refuses "$EXIT_FAILED" "$CONF/heartbeat.conf.d/20.conf:1: --readers 4: .* loaded with 3, .*hb-load unload" \
        "$HB_LOAD" --pin-dir "$PIN"
}

test_config_of_the_reader() {
    local port=$((20000 + $$ % 10000))
    need curl
    load --programs "$PROG"
    config_write heartbeat.conf "Listen=unix:$T/one 127.0.0.1:$port" "Node=node-of-$PROG"
    start "$HB_READ" serve --pin-dir "$PIN" 2>"$T/serve.err"
    wait_for 5 "the unix socket" config_answers --unix-socket "$T/one" http://localhost/metrics
    says "$T/metrics" "node=\"node-of-$PROG\""
    config_answers --noproxy '*' "http://127.0.0.1:$port/metrics" || fail "no answer by TCP"
    end "$STARTED"
    start "$HB_READ" serve --pin-dir "$PIN" --listen "unix:$T/two" --node "other$PROG" 2>"$T/serve.err"
    wait_for 5 "the unix socket" config_answers --unix-socket "$T/two" http://localhost/metrics
    says "$T/metrics" "node=\"other$PROG\""
    [ ! -e "$T/one" ] || fail "it listens where the file says, too"
    end "$STARTED"
}

config_answers() {
    curl -sS --max-time 5 "$@" >"$T/metrics" 2>"$T/curl.err"
}

# Sockets that the service manager passes replace those of the file.
test_config_and_passed_sockets() {
    need curl systemd-socket-activate
    load --programs "$PROG"
    config_write heartbeat.conf "Listen=unix:$T/file"
    start systemd-socket-activate --listen "$T/passed" "$HB_READ" serve --pin-dir "$PIN" 2>"$T/serve.err"
    wait_for 5 "the socket" test -S "$T/passed"
    wait_for 5 "an answer" config_answers --unix-socket "$T/passed" http://localhost/metrics
    says "$T/serve.err" "$CONF/heartbeat.conf:1: Listen= is not used, because the service manager passes the sockets\$"
    [ ! -e "$T/file" ] || fail "it listens where the file says"
    end "$STARTED"
}

test_config_changes_are_printed() {
    config_write heartbeat.conf "Programs=$PROG ${PROG}b" Rule=keys "$(config_hook)"
    config_load
    config_load
    same "no change" "updated: no setting has changed" "$(<"$T/load.out")"
    config_write heartbeat.conf "Programs=$PROG ${PROG}c \"$PROG d\"" Rule=any "$(config_hook)" "Group=$GROUP"
    config_load
    same "changes" "updated: rule keys -> any, group (root only) -> $GROUP, +${PROG}c, +\"$PROG d\", -${PROG}b" \
        "$(<"$T/load.out")"
    config_write heartbeat.conf "Programs=$PROG" "$(config_hook)"
    config_load
    same "changes" "updated: group $GROUP -> (root only), -\"$PROG d\", -${PROG}c" "$(<"$T/load.out")"
    # A long list is cut.
    config_write heartbeat.conf "Programs=+$(seq -s' ' -f "${PROG}%g" 20)" "$(config_hook)"
    config_load
    says "$T/load.out" "^updated: \+nvim, \+nano, .*, \+18 more, -$PROG\$"
}

# config_is_bad PATTERN LINE... - neither program does anything with this file, and each prints one line
config_is_bad() {
    local pattern=$1
    shift
    config_write heartbeat.conf.d/50-bad.conf "$@"
    refuses "$EXIT_USAGE" "^hb-load: $CONF/heartbeat.conf.d/50-bad.conf:$pattern" timeout 10 "$HB_LOAD" --pin-dir "$PIN"
    refuses "$EXIT_USAGE" "^hb-load: $CONF/heartbeat.conf.d/50-bad.conf:$pattern" "$HB_LOAD" check --pin-dir "$PIN"
}

test_config_that_is_wrong_changes_nothing() {
    config_write heartbeat.conf "Programs=$PROG" Rule=keys "$(config_hook)" "Group=$GROUP"
    config_load
    pinned meta >"$T/before"
    config_is_bad "2: unknown key \"Programms\"; the closest is Programs\$" "# a comment" "Programms=+bash"
    refuses "$EXIT_USAGE" "50-bad.conf:2: unknown key" "$HB_READ" serve --pin-dir "$PIN"
    config_is_bad "1: Rule=all: give one of: stdin, any, keys\$" Rule=all
    config_is_bad "1: Programs=/bin/vim: .*not a path\$" Programs=/bin/vim
    config_is_bad "1: Programs=vim\*: .*no wildcards" 'Programs=vim*'
    config_is_bad "1: Group=nosuchgroup: .*addgroup --system nosuchgroup\$" Group=nosuchgroup
    config_is_bad "3: Readers=33: give a number from 1 to 32\$" "" "" Readers=33
    same "list" "$PROG" "$(listed)"
    same "group" "$GROUP" "$(stat -c %G "$PIN")"
    same "what is loaded" "$(<"$T/before")" "$(pinned meta)"
    # A wrong file is in nobody's way out.
    exits 0 "$HB_LOAD" unload --pin-dir "$PIN"
}

# config_is_untrusted PATTERN - the load ends at once, with one line
config_is_untrusted() {
    refuses "$EXIT_USAGE" "$1" timeout 10 "$HB_LOAD" --pin-dir "$PIN"
    [ ! -e "$PIN" ] || fail "something was loaded"
}

test_config_that_others_can_change() {
    local dropin=$CONF/heartbeat.conf.d/x.conf
    config_write heartbeat.conf "Programs=$PROG" "$(config_hook)"
    chmod 0666 "$CONF/heartbeat.conf"
    config_is_untrusted "$CONF/heartbeat.conf is writable by others than root .mode 0666.: chmod go-w $CONF/heartbeat.conf\$"
    chmod 0644 "$CONF/heartbeat.conf"
    chown "$STRANGER" "$CONF/heartbeat.conf"
    config_is_untrusted "$CONF/heartbeat.conf belongs to user $STRANGER, .*chown root $CONF/heartbeat.conf\$"
    chown 0 "$CONF/heartbeat.conf"
    mkfifo "$dropin"
    config_is_untrusted "$dropin cannot be read: it is not a file\$"
    rm "$dropin"
    ln -s /dev/zero "$dropin"
    config_is_untrusted "$dropin cannot be read: it is not a file\$"
    rm "$dropin"
    head -c 65537 /dev/zero | tr '\0' '#' >"$dropin"
    config_is_untrusted "$dropin cannot be read: it has more than 65536 bytes\$"
    echo Rule=keys >"$dropin"
    chmod 0777 "$CONF/heartbeat.conf.d"
    config_is_untrusted "$CONF/heartbeat.conf.d is writable by others than root .mode 0777.: chmod go-w $CONF/heartbeat.conf.d\$"
    # As Kubernetes mounts a ConfigMap: mode 0777, but nobody can write to it.
    chmod 0777 "$CONF"
    mount --bind "$CONF" "$CONF"
    mount -o remount,bind,ro "$CONF"
    config_load
    umount "$CONF"
    says "$T/load.out" "^loaded: .*, rule keys, programs $PROG, "
}

# --- The advice of explain ----------------------------------------------------------------------

# Run the commands that explain prints, as they are. Here, sudo has nothing to do.
config_follow() {
    mkdir -p "$T/path"
    printf '#!/bin/sh\nexec "$@"\n' >"$T/path/sudo"
    chmod +x "$T/path/sudo"
    ln -sf "$HB_LOAD" "$T/path/hb-load"
    sed -nE 's/^ *(sudo |echo )/\1/p' "$T/out" >"$T/commands"
    at_least "commands" "$1" "$(lines "$T/commands")"
    cp "$T/out" "$T/advice"
    PATH=$T/path:$PATH exits 0 "$BASH" -e "$T/commands"
    cp "$T/out" "$T/load.out"
}

# config_makes_count NAME COMMANDS [QUESTION] - start a program of that name, which does not count; config_follow the advice; it counts
config_makes_count() {
    start_beater "$1" --terminal --type --hold 7
    exits 0 "$HB_READ" explain "${3:-$BEATER}" --pin-dir "$PIN"
    says "$T/out" "not on the list"
    config_follow "$2"
    exits 0 "$HB_READ" explain "$BEATER" --pin-dir "$PIN"
    says "$T/out" " counts\.\$"
    go "$BEATER"
    wait_for 5 "the keys" has_read "$1" 7
    same "beats" 7 "$(beats "$1")"
    config_is_kept
}

# What was set is still so.
config_is_kept() {
    says <(pinned meta) " rule=2 "
    same "group" "$GROUP" "$(stat -c %G "$PIN")"
    [[ " $(listed) " = *" $PROG "* ]] || fail "$PROG is gone: $(listed)"
}

test_config_advice_of_explain_works() {
    config_write heartbeat.conf "Programs=$PROG" Rule=keys "$(config_hook)" "Group=$GROUP"
    config_write heartbeat.conf.d/50.conf "Programs=$PROG"
    config_load
    config_makes_count "not$PROG" 3
    same "load" "updated: +not$PROG" "$(tail -n 1 "$T/load.out")"
    # By name, and of a name with a blank.
    config_makes_count "also$PROG" 3 "also$PROG"
    config_makes_count "x ${PROG:0:12}" 3
    # It holds from now on, and can be followed again.
    config_load
    same "next load" "updated: no setting has changed" "$(<"$T/load.out")"
    PATH=$T/path:$PATH exits 0 "$BASH" -e "$T/commands"
    same "once more" "updated: no setting has changed" "$(tail -n 1 "$T/out")"
}

# Nothing is lost of what was given on the command line.
test_config_advice_after_options_works() {
    load --programs "$PROG" --rule keys --group "$GROUP"
    config_makes_count "not$PROG" 1
    same "load" "updated: +not$PROG" "$(<"$T/load.out")"
    config_makes_count "x ${PROG:0:12}" 1
    # They are too many to be kept.
    load --programs "$PROG,$(seq -s, -f "${PROG}%g" 30)" --rule keys --group "$GROUP"
    exits 0 "$HB_READ" explain "$BEATER" --pin-dir "$PIN"
    says "$T/out" "^  To watch it, run hb-load as root with the same options as last time and --programs '\+\"x "
    [ ! -e "$CONF" ] || fail "$CONF was made"
}

test_config_advice_about_the_rule_works() {
    config_write heartbeat.conf "Programs=$PROG" Rule=stdin "$(config_hook)"
    config_load
    start_beater "$PROG" --terminal --type --fd 5 --hold 3
    exits 0 "$HB_READ" explain "$BEATER" --pin-dir "$PIN"
    says "$T/out" "no heartbeats by this rule\.\$"
    config_follow 3
    same "load" "updated: rule stdin -> any" "$(tail -n 1 "$T/load.out")"
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 3
    same "beats" 3 "$(beats)"
}

# A name that would do something in a shell is in no command.
test_config_advice_about_hostile_names() {
    local name
    load --programs "$PROG"
    for name in ';curl a.b|sh' '$(reboot)' '`id`' "a'b" 'a"b' $'a\eb' '$HOME' 'a&b' 'a>b' 'a\b'; do
        start_beater "$name" --hold 3
        exits 0 "$HB_READ" explain "$BEATER" --pin-dir "$PIN"
        says "$T/out" "^  To watch it, add its name in double quotes to Programs= in a file in "
        same "commands" "" "$(grep -E '^ *(sudo|echo) ' "$T/out")"
        end "$BEATER" KILL
    done
}
