// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/lib/cleanup.h"
#include "bpf/lib/clock.h"
#include "bpf/lib/log.h"
#include "reader/http/activation.h"
#include "reader/http/http.h"
#include "reader/http/listen.h"
#include "reader/http/public.h"
#include "reader/node.h"
#include "reader/http/server.h"

struct http {
	struct loop *loop;
	char node[NODE_NAME_LEN];
	struct public_state state;
	struct clients clients;
	/* For workspaces that ask about themselves, which must not keep others out: */
	struct clients workspaces;
	struct self self;
	struct gate gate;
	int update; /* timer, or -EBADF */
	size_t count;
	struct server servers[OPTIONS_LISTEN_MAX + ACTIVATION_MAX];
	struct activation passed[ACTIVATION_MAX]; /* by the service manager */
	size_t passed_count;
};

static int on_update(void *data, uint32_t events)
{
	struct http *http = data;

	(void)events;
	public_update(&http->state);
	self_forget(&http->self);
	return loop_set_timer(http->loop, http->update, public_update_in(clock_boot_ns()), 0);
}

static bool has_self_socket(const struct http *http)
{
	for (size_t i = 0; i < http->count; i++) {
		if (http->servers[i].access == ACCESS_SELF)
			return true;
	}
	return false;
}

/* Serve at the listening socket @fd. If it is @ours its file, if any, is removed at the end. */
static int start_server(struct http *http, const char *address, int fd, enum access access,
			bool ours)
{
	struct server *server = &http->servers[http->count];
	int r;

	if (access == ACCESS_SELF && has_self_socket(http)) {
		close(fd);
		return log_error(-EADDRNOTAVAIL, "%s: there is a self socket already: give one",
				 address);
	}
	*server = (struct server){
		.loop = http->loop,
		.state = &http->state,
		.clients = access == ACCESS_SELF ? &http->workspaces : &http->clients,
		.gate = access == ACCESS_SELF ? &http->gate : NULL,
		.address = address,
		.access = access,
		.remove = ours,
	};
	r = server_start(server, fd);
	if (r == 0)
		http->count++;
	return r;
}

static int start_address(struct http *http, const char *address, bool may_be_taken)
{
	int fd;

	fd = listen_open(address, may_be_taken);
	/* As exit statuses these have other meanings: nothing is loaded, wrong usage. */
	if (fd == -ENOENT || fd == -EINVAL)
		return -EADDRNOTAVAIL;
	if (fd < 0)
		return fd;
	return start_server(http, address, fd, listen_access(address), true);
}

static int start_passed(struct http *http)
{
	int r = 0;

	for (size_t i = 0; i < http->passed_count && r == 0; i++) {
		struct activation *passed = &http->passed[i];
		int fd = passed->fd;

		/* The server takes it over. */
		passed->fd = -EBADF;
		r = start_server(http, passed->name, fd, passed->access, false);
	}
	return r;
}

static int start_default(struct http *http, bool required)
{
	int r;

	r = start_address(http, LISTEN_DEFAULT, !required);
	if (r == -EADDRINUSE && !required)
		log_info(
			LISTEN_DEFAULT
			" is taken: going on without metrics (choose another address with --listen)");
	else if (r < 0 && !required)
		log_info("going on without metrics");
	return r < 0 && required ? r : 0;
}

/* Passed sockets replace what is configured, but not what the command line asks for. */
static bool is_replaced(const struct http *http, const struct read_options *options)
{
	const char *where = config_from_file(&options->config, "listen");

	if (http->passed_count == 0)
		return false;
	if (where)
		log_info("%s: Listen= is not used, because the service manager passes the sockets",
			 where);
	return where || options->listen_default;
}

static int start_all(struct http *http, const struct read_options *options, bool required)
{
	int r;

	r = start_passed(http);
	if (r < 0 || is_replaced(http, options))
		return r;
	if (options->listen_default)
		return start_default(http, required);
	for (size_t i = 0; r == 0 && i < options->listen_count; i++)
		r = start_address(http, options->listen[i], false);
	return r;
}

static int start(struct http *http, const struct read_options *options, bool required,
		 struct snapshot_source *source, const struct collector *collector)
{
	struct report_source reports = {http->node, options->pin_dir, source, collector};
	int r;

	node_name(options->node, http->node);
	r = clients_start(&http->clients, http->loop, CLIENTS_MAX);
	if (r == 0)
		r = clients_start(&http->workspaces, http->loop, CLIENTS_OF_WORKSPACE);
	if (r == 0)
		r = public_start(&http->state, &reports);
	if (r == 0)
		r = start_all(http, options, required);
	if (r < 0)
		return r;
	http->update =
		loop_add_timer(http->loop, public_update_in(clock_boot_ns()), 0, on_update, http);
	return http->update < 0 ? log_errno(http->update, "timer") : 0;
}

int http_start(struct loop *loop, const struct read_options *options, bool required,
	       struct snapshot_source *source, const struct collector *collector,
	       struct http **http)
{
	struct http *new;
	int r;

	*http = NULL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return log_errno(-ENOMEM, "HTTP server");
	new->loop = loop;
	new->update = -EBADF;
	new->self.source = &new->state.source;
	new->gate = (struct gate){.loop = loop, .self = &new->self};
	r = activation_take(new->passed);
	if (r < 0) {
		free(new);
		return -EBADF;
	}
	new->passed_count = (size_t)r;
	r = options->listen_none ? 0 : start(new, options, required, source, collector);
	if (r < 0 || new->count == 0) {
		http_stop(new);
		return r;
	}
	*http = new;
	return 0;
}

void http_stop(struct http *http)
{
	if (!http)
		return;
	if (http->update >= 0)
		loop_remove(http->loop, http->update);
	for (size_t i = 0; i < http->count; i++)
		server_stop(&http->servers[i]);
	for (size_t i = 0; i < http->passed_count; i++)
		close_fd(http->passed[i].fd);
	clients_stop(&http->clients);
	clients_stop(&http->workspaces);
	self_stop(&http->self);
	public_stop(&http->state);
	free(http);
}
