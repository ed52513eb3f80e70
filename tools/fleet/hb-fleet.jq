# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# How hb-fleet judges what a server answers. It sets $format.

def bad(why): error({bad: why});

def number: if type == "string" and test("^-?[0-9][0-9.]*(e[-+]?[0-9]+)?$") then tonumber
    else bad("the answer has a sample that is not a number") end;

# The samples of an answer, checked: a list of {part, labels, at, value}.
def samples:
    if type != "object" or .status != "success" then bad("the server does not answer like a Prometheus")
    elif .data.resultType != "vector" or (.data.result | type) != "array" then bad("the answer is no vector")
    elif .isPartial == true then bad("the server says that its answer is partial")
    elif ((.warnings // []) | length) > 0 then bad("the server warns: " + (.warnings | map(tostring) | join("; ")))
    else .data.result | map({part: .metric.hb_part, labels: .metric, at: .value[0], value: (.value[1] | number)}) end
    | map(if (.at | type) == "number" then . else bad("the answer has a sample without a time") end);

# What tells servers apart that have sent their series to the same place.
def server: del(.__name__, .hb_part, .workspace, .kind, .pod_uid, .container_id, .cgroup, .namespace, .pod) | tojson;

def age: if . < 0 then "\(-. | round) s in the future" else "\(round) s ago" end;

# Nodes by instance: their names, and why they are unknown.
def nodes: reduce .[] as $s ({};
    if $s.part == "node" and ($s.labels.node // "") != "" then .[$s.labels.instance].name = $s.labels.node
    elif $s.part == "reason" then .[$s.labels.instance].reason = $s.labels.reason
    else . end);

def describe($nodes): {
    nodes: (map($nodes[.].name // .) | unique),
    reason: ([.[] | $nodes[.].reason // empty] | unique
        | if length > 0 then join(", ")
          else "its node has not been scraped for long enough, or a program runs there that the hook cannot see" end)
};

# What one server says of a workspace is {evaluated, known, idle}. Of those whose evaluation is young, that
# know it, the latest key counts.
def judge($now; $max_age; $after; $limit; $reason):
    map(select(($now - .evaluated) | fabs <= $max_age)) as $young
    | ($young | map(select(.known and .idle != null))) as $known
    | ($known | map(.idle) | min) as $idle
    | ($known | map(.evaluated) | min) as $evaluated
    | if length == 0 then {reason: "no server reports it"}
      elif ($young | length) == 0 then {reason: "the rules were last evaluated \($now - (map(.evaluated) | max) | age)"}
      elif ($known | length) == 0 then {reason: $reason}
      elif $evaluated <= $after then {reason: "there is no newer evaluation"}
      else {verdict: (if $idle >= $limit then "idle" else "active" end), idle_seconds: $idle, evaluated: $evaluated} end
    | {verdict: (.verdict // "unknown"), idle_seconds, evaluated, reason};

def printable: gsub("[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]"; "?");

# Times are cut, not rounded: 29m 59s are not 30m.
def duration: floor | if . < 120 then "\(.) s" elif . < 7200 then "\(. / 60 | floor) min"
    elif . < 172800 then "\(. / 3600 | floor) h" else "\(. / 86400 | floor) d" end;

def show: if $format == "json" then tojson
    elif .verdict == "unknown" then "unknown: \(.what): \(.reason)" | printable
    else "\(.verdict): for \(.idle_seconds | floor) s: \(.what), evaluated \(.evaluated | todate)" | printable end;

def answer_idle($what; $limit; $max_age; $after):
    samples as $all
    | ($all | nodes) as $nodes
    | ($all | map(select(.part == "at").labels.instance)) as $instances
    | ($instances | describe($nodes)) as $at
    | ($all | map(select(.part == "certain" and ([.labels.instance] | inside($instances))).value) | min) as $certain
    | ($all | map(select(.part == "known" or .part == "idle" or .part == "evaluated"))) as $said
    | ($said | map(.labels.workspace) | unique) as $workspaces
    | ($said | group_by(.labels | server) | map({
        evaluated: (map(select(.part == "evaluated").value) | min),
        known: (map(select(.part == "known").value == 1) | length > 0 and all),
        idle: (map(select(.part == "idle").value) | min)} | select(.evaluated != null))) as $servers
    | (if ($workspaces | length) > 1 then {verdict: "unknown", idle_seconds: null, evaluated: null,
            reason: "there are \($workspaces | length) of that name"}
        else $servers | judge($all[0].at // 0; $max_age; $after; $limit; $at.reason)
            | if .verdict == "idle" and ($certain == null or $certain < $limit)
                then .verdict = "unknown" | .reason = "activity may have been missed on its node within that time" else . end end)
    + {what: $what, workspace: ($workspaces | if length == 1 then .[0] else null end), nodes: $at.nodes};

def name: if .namespace then "\(.namespace)/\(.pod)" elif .kind == "container" then .workspace[:12] else .workspace end;

def answer_list($max_age):
    samples as $all
    | ($all | nodes) as $nodes
    | ($all | map(select(.part == "evaluated")) | map({key: (.labels | server), value: .value}) | from_entries) as $evaluated
    | $all | map(select(.part == "may_stop" or .part == "idle" or .part == "at"))
    | group_by(.labels.workspace) | map(
        map(select(.part == "may_stop")) as $verdicts
        | select($verdicts | length > 0)
        | $verdicts[0].labels as $labels
        | (map(select(.part == "at").labels.instance) | describe($nodes)) as $at
        | ($verdicts | all(.value == 1)) as $may_stop
        | (map(select(.part == "idle")) | map({key: (.labels | server), value: .value}) | from_entries) as $idle
        | ($verdicts | map((.labels | server) as $server
            | {evaluated: ($evaluated[$server] // 0), known: ($idle[$server] != null), idle: $idle[$server]})
            | judge($all[0].at; $max_age; 0; 0; $at.reason)) as $judged
        | {workspace: $labels.workspace, kind: $labels.kind, namespace: $labels.namespace, pod: $labels.pod,
            name: ($labels | name), nodes: $at.nodes, idle_seconds: $judged.idle_seconds, reason: $judged.reason,
            verdict: (if $judged.verdict == "unknown" then "unknown" elif $may_stop then "may stop" else "active" end)})
    | sort_by([-(.idle_seconds // -1), .name]);

def row: [.name, (.nodes | join(",")), (if .idle_seconds then .idle_seconds | duration else "-" end), .verdict, .reason // ""]
    | map(printable | gsub("\t"; "?")) | join("\t");
