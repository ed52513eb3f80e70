// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <microhttpd.h>

#include "../bpf/lib/log.h"
#include "http.h"
#include "listen.h"
#include "pages.h"

/* Bounds of what clients can use up. */
enum {
	CONNECTIONS_MAX = 64,
	IDLE_TIMEOUT_S = 10,
	CONNECTION_MEMORY = 16 * 1024, /* bytes */
};

static const uint64_t ns_per_ms = 1000000;
static const uint64_t ns_per_s = 1000000000;

/* One address: a server of its own, which shares the loop with the others. */
struct listener {
	struct http *http;
	const char *address;
	struct MHD_Daemon *daemon;
	int source;
	int timer;
};

struct http {
	struct loop *loop;
	struct pages pages;
	int aging; /* timer, or -EBADF */
	size_t count;
	struct listener listeners[OPTIONS_LISTEN_MAX];
};

/* Sends @answer, and with it gives its body away. */
static enum MHD_Result respond(struct MHD_Connection *connection, struct answer *answer)
{
	struct MHD_Response *response;
	enum MHD_Result result = MHD_NO;

	response = MHD_create_response_from_buffer(answer->length, answer->body,
						   MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(answer->body);
		return MHD_NO;
	}
	if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type) &&
	    (!answer->allow ||
	     MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, answer->allow)))
		result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

static bool has_body(struct MHD_Connection *connection)
{
	const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_CONTENT_LENGTH);

	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
					   MHD_HTTP_HEADER_TRANSFER_ENCODING) ||
	       (length && strcmp(length, "0") != 0);
}

/*
 * Called when the headers are there, and again when all of the request is. Who is turned away is
 * told so the first time: then the server reads no body, and closes the connection.
 */
static enum MHD_Result handle(void *data, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **state)
{
	static char headers_seen;
	struct listener *listener = data;
	bool readable = strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
			strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
	struct answer answer;
	int r;

	(void)version;
	(void)upload;
	(void)upload_size;
	if (!*state && readable && !has_body(connection)) {
		*state = &headers_seen;
		return MHD_YES;
	}
	if (readable && !*state)
		r = pages_refuse_body(&answer);
	else
		r = pages_answer(&listener->http->pages, listen_is_unix(listener->address), method,
				 url, &answer);
	return r < 0 ? MHD_NO : respond(connection, &answer);
}

/* Let the server do what there is to do, and call it again when it wants to be. */
static int run(struct listener *listener)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms;
	uint64_t first_ns = 0;

	if (MHD_run(listener->daemon) != MHD_YES)
		return log_error(-EIO, "%s: the HTTP server failed", listener->address);
	if (MHD_get_timeout(listener->daemon, &timeout_ms) == MHD_YES)
		first_ns = timeout_ms ? timeout_ms * ns_per_ms : 1;
	return loop_set_timer(listener->http->loop, listener->timer, first_ns, 0);
}

static int on_event(void *data, uint32_t events)
{
	(void)events;
	return run(data);
}

static int on_aging(void *data, uint32_t events)
{
	struct http *http = data;

	(void)events;
	pages_age(&http->pages);
	return 0;
}

/* Clients can provoke these messages: they are for --verbose. */
__attribute__((format(printf, 2, 0))) static void log_server(void *data, const char *format,
							     va_list args)
{
	const struct listener *listener = data;
	char text[256];

	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	log_debug("%s: %s", listener->address, text);
}

static void stop_listener(struct listener *listener)
{
	if (listener->timer >= 0)
		loop_remove(listener->http->loop, listener->timer);
	if (listener->source >= 0)
		loop_remove(listener->http->loop, listener->source);
	if (!listener->daemon)
		return;
	/* Closes the socket too. */
	MHD_stop_daemon(listener->daemon);
	listen_remove(listener->address);
}

static int start_listener(struct http *http, struct listener *listener, const char *address,
			  bool may_be_taken)
{
	const union MHD_DaemonInfo *info;
	int fd;
	int r;

	*listener = (struct listener){
		.http = http,
		.address = address,
		.source = -EBADF,
		.timer = -EBADF,
	};
	fd = listen_open(address, may_be_taken);
	/* The exit status would tell these as something else: nothing loaded, wrong usage. */
	if (fd == -ENOENT || fd == -EINVAL)
		return -EADDRNOTAVAIL;
	if (fd < 0)
		return fd;
	listener->daemon =
		MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, handle, listener,
				 MHD_OPTION_EXTERNAL_LOGGER, log_server, listener,
				 MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
				 (unsigned int)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
				 (unsigned int)IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				 (size_t)CONNECTION_MEMORY, MHD_OPTION_END);
	if (!listener->daemon) {
		close(fd);
		listen_remove(address);
		return log_error(-EIO, "%s: the HTTP server does not start", address);
	}
	info = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	listener->timer = loop_add_timer(http->loop, 0, 0, on_event, listener);
	if (info)
		listener->source =
			loop_add(http->loop, info->epoll_fd, EPOLLIN, on_event, listener);
	if (listener->timer < 0 || listener->source < 0) {
		r = listener->timer < 0 ? listener->timer : listener->source;
		stop_listener(listener);
		return log_errno(r, "%s", address);
	}
	return 0;
}

/* Counters that anybody may see are only needed where anybody may ask. */
static int start_aging(struct http *http)
{
	uint64_t interval = PAGES_AGE_S * ns_per_s;
	int timer;

	for (size_t i = 0; i < http->count; i++) {
		if (listen_is_unix(http->listeners[i].address))
			continue;
		timer = loop_add_timer(http->loop, interval, interval, on_aging, http);
		if (timer < 0)
			return log_errno(timer, "timer");
		http->aging = timer;
		return 0;
	}
	return 0;
}

static int start_all(struct http *http, const struct options *options, bool required)
{
	int r;

	if (options->listen_default) {
		r = start_listener(http, &http->listeners[0], LISTEN_DEFAULT, !required);
		if (r == -EADDRINUSE && !required)
			log_info(LISTEN_DEFAULT " is taken: going on without metrics (choose "
						"another with --listen)");
		else if (r < 0 && !required)
			log_info("going on without metrics");
		if (r < 0)
			return required ? r : 0;
		http->count = 1;
		return 0;
	}
	for (size_t i = 0; i < options->listen_count; i++) {
		r = start_listener(http, &http->listeners[i], options->listen[i], false);
		if (r < 0)
			return r;
		http->count++;
	}
	return 0;
}

int http_start(struct loop *loop, const struct options *options, bool required,
	       struct snapshot_source *source, struct http **http)
{
	struct http *new;
	int r;

	*http = NULL;
	if (options->listen_none)
		return 0;
	new = calloc(1, sizeof(*new));
	if (!new)
		return log_errno(-ENOMEM, "HTTP server");
	new->loop = loop;
	new->aging = -EBADF;
	r = pages_start(&new->pages, source);
	if (r == 0)
		r = start_all(new, options, required);
	if (r == 0)
		r = start_aging(new);
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
	if (http->aging >= 0)
		loop_remove(http->loop, http->aging);
	for (size_t i = 0; i < http->count; i++)
		stop_listener(&http->listeners[i]);
	pages_stop(&http->pages);
	free(http);
}
