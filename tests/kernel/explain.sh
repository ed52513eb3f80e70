# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# hb-read explain: why a process is watched, or why it is not.

DEPENDS=kernel

# explain PID|NAME - run it, with its sentences in $T/out
explain() {
    exits 0 "${AS[@]}" "$HB_READ" explain "$1" --pin-dir "$PIN"
    empty "$T/err"
}

# sentence PATTERN - a whole line of $T/out matches
sentence() {
    says "$T/out" "^$1\$"
}

test_explain_watched_process() {
    load --programs "$PROG" --group "$GROUP"
    as_user "$MEMBER" "$GROUP_ID"
    beater "$PROG"
    start "${AS[@]}" "$T/bin/$PROG" --terminal --type --wait --hold 11 </dev/zero >"$T/beater.$PROG"
    BEATER=$STARTED
    wait_for 10 "the start of $PROG" says_ready "$T/beater.$PROG"
    explain "$BEATER"
    sentence "  It has had no beat yet\."
    sentence "  Its idle time counts from its start: .*"
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 11
    # Its owner, a member of the group, gets the same answer as root.
    explain "$BEATER"
    sentence "$PROG \(pid $BEATER\) counts\."
    sentence "  It runs $T/bin/$PROG\."
    sentence "  Its command name, $PROG, is on the list of watched programs\."
    sentence "  Its descriptor 0 is terminal pts/[0-9]+\."
    sentence "  The hook is (tracepoint|fentry), the rule any: a beat is each read of descriptor 0, .*"
    sentence "  It has had 11 beats\."
    sentence "  Last beat: [0-9]+s ago, at $TIME\."
    sentence "  Last key: [0-9]+s ago, at $TIME\."
    sentence "  Its idle time counts from its last key: \`hb-read idle 30m --pid $BEATER\` will report idle from $TIME\."
    sed 's/ [0-9]*s ago/ ago/' "$T/out" >"$T/by_member"
    exits 0 "$HB_READ" explain "$BEATER" --pin-dir "$PIN"
    same "difference between the answers to root and to the owner" "" "$(diff "$T/by_member" <(sed 's/ [0-9]*s ago/ ago/' "$T/out"))"
    # Another member may not see which files it has open. The answer says so.
    as_user "$STRANGER" "$GROUP_ID"
    explain "$BEATER"
    sentence "$PROG \(pid $BEATER\) counts\."
    sentence "  You may not see its descriptors: run this as its user or as root\."
    sentence "  It has had 11 beats\."
    idle_as_it_says
}

# One verdict on the name, and a table of all that go by it.
test_explain_name() {
    local watched other shell
    need jq
    load --programs "$PROG"
    start_beater "$PROG" --terminal --type --hold 11
    watched=$BEATER
    start_beater "not$PROG" --hold 3
    other=$BEATER
    # The file has the name, but another command name is what counts.
    mkdir "$T/other"
    cp "$BUILD/tests/beater" "$T/other/$PROG"
    ln -s "$PROG" "$T/other/alias"
    start "$T/other/alias" --wait --hold 3 </dev/zero >"$T/alias"
    shell=$STARTED
    wait_for 10 "the start of the alias" says_ready "$T/alias"
    explain "$PROG"
    sentence "$PROG is on the list of watched programs\. Of 2 processes, 1 counts\."
    sentence " *PID  TTY +VERDICT"
    sentence " *$watched  (pts/[0-9]+|-) +counts: no key yet"
    sentence " *$shell  - +does not count: its command name is alias"
    sentence "For details: hb-read explain PID"
    says_not "$T/out" "To watch it|$other"
    go "$watched"
    wait_for 5 "the keys" has_read "$PROG" 11
    explain "$PROG"
    sentence " *$watched  pts/[0-9]+ +counts: last key [0-9]+s ago"
    explain "not$PROG"
    sentence "not$PROG is not on the list of watched programs\. Of 1 process, 0 count\."
    sentence "To watch it, run:"
    sentence "    sudo hb-load --pin-dir .* --programs \+not$PROG"
    sentence " *$other  - +does not count"
    # The same for programs: one object for each process.
    exits 0 "$HB_READ" explain "$PROG" --pin-dir "$PIN" --format json
    empty "$T/err"
    same "processes" "$(printf '%s\n' "$watched true listed" "$shell false not_listed" | sort)" \
        "$(jq -r '[.pid, .counts, .why] | join(" ")' "$T/out" | sort)"
    exits 0 "$HB_READ" explain "$watched" --pin-dir "$PIN" --format json
    jq -e ".type == \"explanation\" and .program == \"$PROG\" and .executable == \"$T/bin/$PROG\" and .beats == 11
        and .because == \"key\" and .idle_seconds < 60 and .doubt == null and .last_key != null
        and (.terminals | length) > 0 and .is_32bit == false" "$T/out" >"$T/jq" || fail "explain: $(<"$T/out")"
    refuses "$EXIT_FAILED" "no process with pid 2147483647" "$HB_READ" explain 2147483647 --pin-dir "$PIN" --format json
    empty "$T/out"
}

# explain and idle report the same time.
idle_as_it_says() {
    local from
    from=$(sed -n 's/.* will report idle from \(.*\)\.$/\1/p' "$T/out")
    from=$(($(date -d "$from" +%s) - 1800))
    exits 0 "${AS[@]}" "$HB_READ" idle 30m --pid "$BEATER" --pin-dir "$PIN"
    same "end of the activity" "$from" "$(date -d "$(sed 's/.*since \([^ ]*Z\): .*/\1/' "$T/out")" +%s)"
}

test_explain_unwatched_process() {
    load --programs "$PROG"
    start_beater "not$PROG" --hold 3
    explain "$BEATER"
    sentence "not$PROG \(pid $BEATER\) does not count\."
    sentence "  Its command name, not$PROG, is not on the list of watched programs\."
    sentence "  To watch it, run:"
    sentence "      sudo hb-load --pin-dir '$PIN' .*--programs $PROG --programs \+not$PROG"
    sentence "  Its descriptor 0 is /dev/zero, which is not a terminal\."
    sentence "  It has no terminal open, .*"
    says_not "$T/out" "idle"
    # The advice works.
    load --programs "+not$PROG"
    explain "$BEATER"
    sentence "not$PROG \(pid $BEATER\) counts\."
    # Kernel threads, if they are visible here.
    if [ "$(cat /proc/2/comm 2>/dev/null)" = kthreadd ]; then
        explain 2
        sentence "kthreadd \(pid 2\) does not count\."
        sentence "  It is a kernel thread, which never calls read\(2\)\."
        same "lines" 2 "$(lines "$T/out")"
    fi
}

test_explain_missing_process() {
    load --programs "$PROG"
    start_beater "$PROG" --hold 3
    end "$BEATER" KILL
    refuses "$EXIT_FAILED" "explain: no process with pid $BEATER can be seen" \
        "$HB_READ" explain "$BEATER" --pin-dir "$PIN"
    refuses "$EXIT_FAILED" "explain: no process is called $PROG; the name is on the list" \
        "$HB_READ" explain "$PROG" --pin-dir "$PIN"
    refuses "$EXIT_FAILED" "explain: no process is called not$PROG; the name is not on the list" \
        "$HB_READ" explain "not$PROG" --pin-dir "$PIN"
    refuses "$EXIT_USAGE" "explain: give PID" "$HB_READ" explain --pin-dir "$PIN"
    as_user "$STRANGER"
    exits "$EXIT_DENIED" "${AS[@]}" "$HB_READ" explain 1 --pin-dir "$PIN"
}

# The program reads keys from another descriptor than 0.
test_explain_other_descriptors() {
    load --programs "$PROG" --rule stdin
    start_beater "$PROG" --terminal --type --fd 5 --hold 3
    explain "$BEATER"
    sentence "  Its descriptor 5 is terminal pts/[0-9]+\."
    sentence "  Its descriptor 0 is /dev/zero, which is not a terminal\."
    sentence "  The hook is (tracepoint|fentry), the rule stdin: a beat is each read of descriptor 0\."
    sentence "  Its keys come through descriptor [0-9]+: they are activity, but no heartbeats by this rule\."
    # Under a rule that sees them they are beats.
    load --programs "$PROG" --rule any
    go "$BEATER"
    wait_for 5 "the keys" has_read "$PROG" 3
    explain "$BEATER"
    sentence "  It has had 3 beats\."
    says_not "$T/out" "no heartbeats by this rule"
}

# Where /proc hides the processes of others, their records are still there for the group.
test_explain_hidden_processes() {
    local hide what
    load --programs "$PROG" --group "$GROUP"
    start_beater "$PROG" --terminal --type --hold 1
    go "$BEATER"
    wait_for 5 "the key" has_read "$PROG" 1
    as_user "$MEMBER" "$GROUP_ID"
    for hide in invisible noaccess; do
        what=(unshare --mount --propagation private "$BASH" -c
            "mount -t proc -o hidepid=$hide proc /proc"' && exec "$@"' - "${AS[@]}" "$HB_READ")
        "${what[@]}" list --pin-dir "$PIN" >"$T/list"
        says "$T/list" "^ *$BEATER +$PROG "
        exits 0 "${what[@]}" explain "$BEATER" --pin-dir "$PIN"
        says "$T/out" "^$PROG \(pid $BEATER\) counts\.\$"
        says "$T/out" "Last key: [0-9]+s ago"
        says "$T/out" "You may not see its descriptors: run this as its user or as root"
        exits 0 "${what[@]}" explain "$PROG" --pin-dir "$PIN"
        says "$T/out" "Of 1 process, 1 counts\."
        says "$T/out" "^ *$BEATER  (pts/[0-9]+|\?) +counts: last key [0-9]+s ago\$"
        # Nobody knows whether there is one that is not watched.
        refuses "$EXIT_FAILED" "/proc hides other processes from you: run this as root" \
            "${what[@]}" explain "not$PROG" --pin-dir "$PIN"
    done
    # One that has ended since is gone, whatever its record says.
    end "$BEATER" KILL
    pinned set-process "4194303:$PROG"
    refuses "$EXIT_FAILED" "no process is called $PROG" "$HB_READ" explain "$PROG" --pin-dir "$PIN"
}
