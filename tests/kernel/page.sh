# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The page at /: its markup, how a browser shows it, and what it reveals.

# A program's name that would do harm as markup.
SCRIPT='<script>'
POLICY="default-src 'none'; style-src 'nonce-NONCE'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
CHROMIUM=(chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars
    --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage)

# browse [OPTION]... URL - open it in Chromium: the document goes to $T/dom, messages to $T/console
browse() {
    export HOME=$T/home
    mkdir -p "$HOME"
    timeout 60 "${NET[@]}" "${CHROMIUM[@]}" --user-data-dir="$T/chromium" --enable-logging=stderr --dump-dom "$@" \
        >"$T/dom" 2>"$T/chromium.err" || fail "chromium: exit $?: $(tail -n 2 "$T/chromium.err" | tr '\n' '|')"
    grep ':CONSOLE' "$T/chromium.err" >"$T/console" || true
}

# Start a server that has seen two programs, in a control group with a long name.
serve_page() {
    local name path=/hb$$.slice
    own_container
    make_cgroups "$path" "$path/cri-containerd-$CONTAINER.scope"
    make_net
    load --programs "$PROG,\"$SCRIPT\",${PROG}x"
    for name in "$PROG" "$SCRIPT"; do
        start_beater "$name" --terminal --type --hold 11
        enter_cgroup "$path/cri-containerd-$CONTAINER.scope" "$BEATER"
        go "$BEATER"
        wait_for 5 "the keys" has_read "$name" 11
    done
    serve
}

test_page_markup() {
    local way nonce before=
    need tidy
    serve_page
    for way in ask ask_socket; do
        answers 200 "$way" /
        nonce=$(sed -n 's/^<style nonce="\([0-9a-f]\{32\}\)">.*/\1/p' "$T/body")
        same "policy" "${POLICY/NONCE/$nonce}" "$(header Content-Security-Policy)"
        [ "$nonce" != "$before" ] || fail "the nonce is always $nonce"
        before=$nonce
        # tidy knows HTML 5, but not that attribute.
        sed 's/ nonce="[0-9a-f]*"//' "$T/body" >"$T/page.html"
        tidy -quiet -errors --drop-empty-elements no "$T/page.html" >"$T/tidy" 2>&1 || true
        empty "$T/tidy"
        says "$T/body" '^<tr><td>&#60;script&#62;</td>'
        says "$T/body" "<td>$PROG</td>"
        says "$T/body" "<td>container ${CONTAINER:0:12}<small class=\"soft spare\">/hb$$.slice/cri-containerd-$CONTAINER.scope</small></td>.*<td class=\"when\">[0-9]+s</td></tr>"
        says "$T/body" "^<p class=\"more\">No heartbeat yet: ${PROG}x</p>"
        says "$T/body" '<meta http-equiv="refresh" content="10">'
        says "$T/body" '<meta name="viewport" '
        says_not "$T/body" '<script|<link|<img|<iframe|@import|url\(|src=|https?:|//| on[a-z]*='
        same "links" "/activity /healthz /metrics" \
            "$(grep -o 'href="[^"]*"' "$T/body" | cut -d'"' -f2 | sort -u | paste -sd' ')"
    done
    # Only clients that may read the maps see processes.
    says "$T/body" "<tr><td>&#60;script&#62;</td><td class=\"number\">$BEATER</td><td>root</td>"
    answers 200 ask /
    says_not "$T/body" "Processes</h2>|\b$BEATER\b|<td>root</td>"
    # The policy of all other answers allows nothing.
    answers 200 ask /metrics
    same "policy of a text" "default-src 'none'; frame-ancestors 'none'" "$(header Content-Security-Policy)"
}

test_page_in_a_browser() {
    need chromium
    serve_page
    # Check that the browser reports violations of a policy, or else its silence would prove nothing.
    echo "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\"><p style='color:red'>" >"$T/bad.html"
    browse "file://$T/bad.html"
    says "$T/console" 'violates the following Content Security Policy'
    browse http://127.0.0.1:9191/
    empty "$T/console"
    says "$T/dom" "<title>$(hostname): activity-heartbeat</title>"
    says "$T/dom" '<td>&lt;script&gt;</td>'
    says_not "$T/dom" '<script'
    says "$T/dom" 'Working: key presses are being seen'
    says_not "$T/dom" 'Processes</h2>'
}

# measure WIDTH [OPTION]... - show $T/body in a frame of that width, and write to $T/measure what does not
# fit, and the background
measure() {
    local width=$1
    shift
    {
        printf '<!DOCTYPE html><body><iframe style="border:0;height:3000px;width:%spx" srcdoc="' "$width"
        sed -e 's/&/\&amp;/g' -e 's/"/\&quot;/g' "$T/body"
        cat <<'END'
"></iframe><p></p><script>
onload = () => {
    const frame = document.querySelector("iframe"), page = frame.contentDocument;
    const wide = [...page.querySelectorAll("body *")].filter(
        (e) => e.getBoundingClientRect().right > frame.clientWidth + 0.5 && !e.closest("svg"));
    document.querySelector("p").textContent = `elements ${page.querySelectorAll("body *").length}, ` +
        `scroll ${page.documentElement.scrollWidth - frame.clientWidth}, ` +
        `too wide ${wide.map((e) => e.tagName + ":" + e.textContent.slice(0, 40)).join("|")}, ` +
        `background ${frame.contentWindow.getComputedStyle(page.body).backgroundColor}`;
};
</script>
END
    } >"$T/frame.html"
    browse "$@" "file://$T/frame.html"
    sed -n 's/.*<p>\(elements .*\)<\/p>.*/\1/p' "$T/dom" >"$T/measure"
    at_least "elements" 50 "$(sed 's/elements \([0-9]*\),.*/\1/' "$T/measure")"
}

test_page_fits_all_widths() {
    local way width
    need chromium
    serve_page
    for way in ask ask_socket; do
        answers 200 "$way" /
        for width in 320 390 1200; do
            measure "$width"
            says "$T/measure" ' scroll 0, too wide , background rgb\(246, 247, 249\)$'
        done
    done
    # Check that this finds what is too wide.
    sed -i 's/<h1>/<p style="min-width:700px"><h1>/' "$T/body"
    measure 390
    says_not "$T/measure" 'too wide , '
    # The page is dark if the browser asks for it.
    answers 200 ask /
    measure 390 --force-dark-mode
    says "$T/measure" ' scroll 0, too wide , background rgb\(18, 22, 28\)$'
}

BACKGROUND+=(test_page_refreshes)

test_page_refreshes() {
    need chromium strace
    make_net
    load --programs "$PROG"
    serve
    start strace -qq -e trace=recvfrom -s 40 -o "$T/requests" -p "$READER" 2>"$T/strace.err"
    sleep 1
    kill -0 "$STARTED" || skip "strace does not work here: $(<"$T/strace.err")"
    export HOME=$T
    start "${NET[@]}" "${CHROMIUM[@]}" --user-data-dir="$T/chromium" --remote-debugging-port=0 \
        http://127.0.0.1:9191/ >"$T/chromium.out" 2>&1
    wait_for 60 "the third request for the page" is_asked 3
}

is_asked() {
    [ "$(grep -c '"GET / HTTP' "$T/requests")" -ge "$1" ]
}

# --- Privacy ------------------------------------------------------------------------------------

BACKGROUND+=(test_public_answers_are_coarse)

# has_two_pids FILE - ask once more, and write the pids in the answer to FILE
has_two_pids() {
    ask_socket /activity | pids_in_json >"$1"
    [ "$(lines "$1")" = 2 ]
}

# Two programs get two keys each every 16 seconds: one program a second apart, the other one 4 seconds.
# User nobody fetches everything, all the time. The answers on the two must be the same.
test_public_answers_are_coarse() {
    local first=${PROG}a second=${PROG}b asking round
    local names
    need jq
    make_net
    load --programs "$first,$second"
    beater "$first"
    beater "$second"
    as_user "$MEMBER"
    typist=("${AS[@]}" script -qec)
    as_user 65534
    nobody=("${NET[@]}" "${AS[@]}" curl -sS --max-time 5 --noproxy '*')
    AS=("${NET[@]}")
    serve
    ! "${nobody[@]}" --unix-socket "$T/socket" http://localhost/ 2>"$T/refused" || fail "user nobody could connect to the socket"
    start poll_as_nobody
    asking=$STARTED
    for round in 1 2 3; do
        # Start 1.5 s after a multiple of 8 s, so that all keys are before the next one.
        sleep "$(awk '{ print 16 - $1 % 16 + 1.5 }' /proc/uptime)"
        start "${typist[@]}" "exec $T/bin/$first --terminal --type --pace-us 1000000 2" /dev/null >"$T/typed"
        start "${typist[@]}" "exec $T/bin/$second --terminal --type --pace-us 4000000 2" /dev/null >"$T/typed"
        # Clients that may read the maps do see them.
        wait_for 2 "both programs" has_two_pids "$T/pids.$round"
        cat "$T/pids.$round" >>"$T/pids"
        ask_socket / >"$T/trusted.page"
        says "$T/trusted.page" "<td>$MEMBER</td><td>pts/"
    done
    sleep 20
    touch "$T/enough"
    finish "$asking" 20
    at_least "rounds of user nobody" $((60 / HB_TEST_SLOW)) "$(wc -l <"$T/times")"
    at_least "processes" 6 "$(sort -u "$T/pids" | wc -l)"
    # The lines on each of the two, without the name.
    for names in "$first:$second" "$second:$first"; do
        grep -aF "${names%:*}" "$T/told" | sed -e "s/${names%:*}/NAME/g" -e "s/${names#*:}/OTHER/g" >"$T/of.${names%:*}"
    done
    at_least "lines about one" $((120 / HB_TEST_SLOW)) "$(lines "$T/of.$first")"
    says "$T/of.$first" "^[0-9]+ ${PREFIX}_beats_total\{program=\"NAME\"\} 6\$"
    same "lines on only one of the two" "" \
        "$(diff <(grep -v OTHER "$T/of.$first") <(grep -v OTHER "$T/of.$second") | head -n 3 | tr '\n' '|')"
    # Numbers change only at multiples of 8 s, with 1.5 s allowed for the polling.
    awk -v metric="${PREFIX}_beats_total{program=\"$first\"}" '$2 == metric && $3 != last {
        if (last != "" && $1 % 8000 > 1500) print $1 % 8000, "ms after a multiple of 8 s"
        last = $3 }' "$T/told" >"$T/between"
    empty "$T/between"
    # There is no pid, user or terminal.
    same "lines with a pid" "" "$(grep -m 3 -wFf "$T/pids" "$T/told.all" | tr '\n' '|')"
    says_not "$T/told.all" "\b$MEMBER\b|pts/|\btty\b|tty[0-9]|\"pid\"|\buid\b"
}

# Fetch everything again and again, into $T/told.all. In $T/told each line begins with the boot time, in
# milliseconds.
poll_as_nobody() {
    local now path paths=(/metrics / /healthz /activity "/activity?cgroup=/" "/activity?pid=1" /nothing)
    while [ ! -e "$T/enough" ]; do
        for path in "${paths[@]}"; do
            echo "-o- http://127.0.0.1:9191$path"
        done | xargs "${nobody[@]}" >"$T/answer"
        now=$(awk '{ printf "%d", $1 * 1000 }' /proc/uptime)
        sed "s/^/$now /" "$T/answer" >>"$T/told"
        cat "$T/answer" >>"$T/told.all"
        echo "$now" >>"$T/times"
        sleep 0.3
    done
}
