// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * nodes - serve the metrics of a fleet that does not exist: nodes PORT NODES WORKSPACES
 *
 * They are what hb-read would serve over TCP, written by its own code from made-up records: of pods,
 * each with a container that is used now and then, and with the container that holds the pod. The paths:
 *
 *	/N/metrics	of node N, from 0
 *	/kube/metrics	what kube-state-metrics would report of the pods
 *	/targets	the nodes, for http_sd_configs of Prometheus
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "bpf/lib/parse.h"
#include "bpf/lib/units.h"
#include "reader/http/metrics.h"
#include "reader/maps/coarsen.h"

enum {
	/* Boot times count from here: that keeps them positive. */
	BOOTED_AT = 1700000000,
	/* A workspace is used again after 10 seconds to two hours. */
	PERIOD_MIN_S = 10,
	PERIOD_MAX_S = 7200,
	DAY_S = 86400,
	CLIENT_TIMEOUT_S = 5,
	NODES_MAX = 10000,
	WORKSPACES_MAX = 1000,
};

struct fleet {
	uint64_t port;
	uint64_t nodes;
	uint64_t workspaces; /* of each node */
};

/* A number that looks random, the same in each run. */
static uint64_t hash(uint64_t number)
{
	number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9ULL;
	number = (number ^ (number >> 27)) * 0x94d049bb133111ebULL;
	return number ^ (number >> 31);
}

static void print_uid(char uid[37], uint64_t pod)
{
	uint64_t a = hash(2 * pod + 1);
	uint64_t b = hash(2 * pod + 2);

	snprintf(uid, 37, "%08x-%04x-%04x-%04x-%012" PRIx64, (unsigned int)(a >> 32),
		 (unsigned int)(a >> 16) & 0xffff, (unsigned int)a & 0xffff,
		 (unsigned int)(b >> 48), b & UINT64_C(0xffffffffffff));
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* The last key in @pod before boot time @now_s. */
static uint64_t last_key_s(uint64_t pod, uint64_t now_s)
{
	uint64_t period = PERIOD_MIN_S + hash(pod) % (PERIOD_MAX_S - PERIOD_MIN_S);

	return now_s - (now_s + hash(pod + 7)) % period;
}

static int add_cgroup(struct snapshot *snapshot, uint64_t parent, uint64_t birth_s, uint64_t used_s,
		      const char *name)
{
	struct hb_cgroup record = {
		.parent_id = parent,
		.birth = birth_s * NS_PER_S,
		.last_beat = used_s * NS_PER_S,
		.last_key = used_s * NS_PER_S,
		.beats = used_s,
	};
	uint64_t id = snapshot->cgroup_count + 1;

	memcpy(record.name, name, strlen(name));
	return snapshot_add_cgroup(snapshot, &id, &record);
}

/* A pod with two containers. */
static int add_pod(struct snapshot *snapshot, uint64_t pod, uint64_t now_s)
{
	uint64_t birth_s = now_s - now_s % DAY_S;
	uint64_t slice = snapshot->cgroup_count + 1;
	char uid[37];
	char name[HB_CGROUP_NAME_LEN];
	int r;

	print_uid(uid, pod);
	for (char *dash = uid; (dash = strchr(dash, '-'));)
		*dash = '_';
	snprintf(name, sizeof(name), "kubepods-burstable-pod%s.slice", uid);
	r = add_cgroup(snapshot, 2, birth_s, 0, name);
	for (uint64_t i = 0; r == 0 && i < 2; i++) {
		uint64_t a = hash(4 * pod + i + 1);

		snprintf(name, sizeof(name),
			 "cri-containerd-%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64
			 ".scope",
			 a, hash(a), hash(a + 1), hash(a + 2));
		r = add_cgroup(snapshot, slice, birth_s, i ? last_key_s(pod, now_s) : 0, name);
	}
	return r;
}

static int add_program(struct snapshot *snapshot, const char *name, uint64_t now_s)
{
	struct hb_program record = {.beats = now_s, .last_beat = now_s * NS_PER_S};
	char padded[HB_COMM_LEN] = {0};

	memcpy(padded, name, strlen(name));
	return snapshot_add_program(snapshot, padded, &record);
}

static int make_report(const struct fleet *fleet, uint64_t node, struct report *report)
{
	static const char *const programs[] = {"ed",   "emacs", "less", "more", "nano",
					       "nvim", "tilde", "vi",	"vim",	"vimdiff"};
	uint64_t now_s = now_ns() / NS_PER_S - BOOTED_AT - COARSE_S;
	struct snapshot *snapshot = &report->snapshot;
	int r;

	snapshot->offset_ns = BOOTED_AT * NS_PER_S;
	snapshot->taken_at = now_s * NS_PER_S;
	snapshot->complete = snapshot->exact = true;
	snapshot->meta = (struct hb_meta){.hook = HB_METHOD_FENTRY,
					  .rule = HB_RULE_ANY,
					  .readers = HB_READERS_DEFAULT};
	snapshot->meta.changed_at = (now_s - DAY_S) * NS_PER_S;
	report->readers_free = HB_READERS_DEFAULT;
	r = add_cgroup(snapshot, 0, 0, 0, "");
	if (r == 0)
		r = add_cgroup(snapshot, 1, 0, 0, "kubepods.slice");
	for (uint64_t i = 0; r == 0 && i < fleet->workspaces; i++)
		r = add_pod(snapshot, node * fleet->workspaces + i, now_s);
	for (size_t i = 0; r == 0 && i < sizeof(programs) / sizeof(programs[0]); i++)
		r = add_program(snapshot, programs[i], now_s);
	if (r == 0)
		r = snapshot_sum(snapshot);
	report_coarsen(report);
	return r;
}

static void write_node(FILE *stream, const struct fleet *fleet, uint64_t node)
{
	const struct metrics_now now = {.unix_ns = now_ns()};
	struct report report = {0};
	char name[32];

	snprintf(name, sizeof(name), "node-%" PRIu64, node);
	report.node = name;
	if (make_report(fleet, node, &report) == 0)
		metrics_write(stream, METRICS_TEXT, &now, &report);
	report_release(&report);
}

static void write_pods(FILE *stream, const struct fleet *fleet)
{
	fputs("# TYPE kube_pod_info gauge\n", stream);
	for (uint64_t pod = 0; pod < fleet->nodes * fleet->workspaces; pod++) {
		char uid[37];

		print_uid(uid, pod);
		fprintf(stream,
			"kube_pod_info{namespace=\"workspaces\",pod=\"ws-%" PRIu64
			"\",uid=\"%s\",node=\"node-%" PRIu64 "\"} 1\n",
			pod, uid, pod / fleet->workspaces);
	}
}

static void write_targets(FILE *stream, const struct fleet *fleet)
{
	for (uint64_t node = 0; node < fleet->nodes; node++)
		fprintf(stream,
			"%s{\"targets\":[\"127.0.0.1:%" PRIu64
			"\"],\"labels\":{\"__metrics_path__\":\"/%" PRIu64
			"/metrics\",\"instance\":\"node-%" PRIu64 "\"}}",
			node ? ",\n" : "[", fleet->port, node, node);
	fputs("]\n", stream);
}

static void answer(FILE *client, const struct fleet *fleet)
{
	const char *type = "text/plain; version=0.0.4";
	char line[1024];
	char path[256];
	char *body = NULL;
	size_t length = 0;
	FILE *stream;
	uint64_t node;

	if (!fgets(line, sizeof(line), client) || sscanf(line, "GET /%255s HTTP", path) != 1)
		return;
	while (fgets(line, sizeof(line), client) && line[0] != '\r' && line[0] != '\n')
		;
	stream = open_memstream(&body, &length);
	if (!stream)
		return;
	if (strcmp(path, "targets") == 0) {
		type = "application/json";
		write_targets(stream, fleet);
	} else if (strcmp(path, "kube/metrics") == 0) {
		write_pods(stream, fleet);
	} else {
		path[strcspn(path, "/")] = '\0';
		if (parse_u64(path, 0, fleet->nodes - 1, &node) == 0)
			write_node(stream, fleet, node);
	}
	fclose(stream);
	fprintf(client,
		"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
		length ? "200 OK" : "404 Not Found", type, length);
	fwrite(body, 1, length, client);
	free(body);
}

static void serve(int listening, const struct fleet *fleet)
{
	static const struct timeval patience = {.tv_sec = CLIENT_TIMEOUT_S};

	for (;;) {
		int fd = accept(listening, NULL, NULL);
		FILE *client = fd < 0 ? NULL : fdopen(fd, "r+");

		if (!client) {
			perror("nodes: accept");
			exit(EXIT_FAILURE);
		}
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		answer(client, fleet);
		fclose(client);
	}
}

int main(int argc, char *argv[])
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct fleet fleet;
	int on = 1;
	int fd;

	if (argc != 4 || parse_u64(argv[1], 1, UINT16_MAX, &fleet.port) < 0 ||
	    parse_u64(argv[2], 1, NODES_MAX, &fleet.nodes) < 0 ||
	    parse_u64(argv[3], 1, WORKSPACES_MAX, &fleet.workspaces) < 0) {
		fprintf(stderr, "usage: nodes PORT NODES WORKSPACES (of each node)\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	address.sin_port = htons((uint16_t)fleet.port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, SOMAXCONN) < 0) {
		fprintf(stderr, "nodes: cannot listen at 127.0.0.1:%s: %s\n", argv[1],
			strerror(errno));
		return 1;
	}
	serve(fd, &fleet);
}
