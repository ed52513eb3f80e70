// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bpf/lib/log.h"
#include "bpf/lib/units.h"
#include "reader/http/answer.h"
#include "reader/http/listen.h"
#include "reader/http/microhttpd.h"
#include "reader/http/request_check.h"
#include "reader/http/server.h"

/* Bounds of what clients can use, beside those in clients.h. */
enum {
	/* Of one address: connections that were ended linger for a moment. */
	CONNECTIONS_MAX = CLIENTS_MAX + 32,
	IDLE_TIMEOUT_S = 10,
	CONNECTION_MEMORY = 16 * 1024, /* bytes */
};

/* What on_target() returns for a target that is no C string without blanks. */
static char bad_target;

static bool add_header(struct MHD_Response *response, const char *name, const char *value)
{
	return microhttpd.add_response_header(response, name, value) == MHD_YES;
}

/* Allow the style that the document brings along. Nothing else may be loaded, run, sent or framed. */
static bool add_policy(struct MHD_Response *response, const char *nonce)
{
	char policy[256];

	if (nonce[0] == '\0')
		return add_header(response, "Content-Security-Policy",
				  "default-src 'none'; frame-ancestors 'none'");
	snprintf(
		policy, sizeof(policy),
		"default-src 'none'; style-src 'nonce-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		nonce);
	return add_header(response, "Content-Security-Policy", policy);
}

/* Send @answer and give up its body. A workspace gets one on each connection: see gate.h. */
static enum MHD_Result respond(const struct server *server, struct MHD_Connection *connection,
			       struct answer *answer)
{
	struct MHD_Response *response;
	enum MHD_Result result = MHD_NO;

	response = microhttpd.create_response_from_buffer(answer->length, answer->body,
							  MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(answer->body);
		return MHD_NO;
	}
	if (add_header(response, "Content-Type", answer->type) &&
	    add_header(response, "Cache-Control", "no-store") &&
	    add_header(response, "X-Content-Type-Options", "nosniff") &&
	    add_header(response, "Referrer-Policy", "no-referrer") &&
	    add_policy(response, answer->nonce) &&
	    (server->access != ACCESS_SELF || add_header(response, "Connection", "close")) &&
	    (!answer->varies || add_header(response, "Vary", "Accept")) &&
	    (!answer->allow || add_header(response, "Allow", answer->allow)))
		result = microhttpd.queue_response(connection, answer->status, response);
	microhttpd.destroy_response(response);
	return result;
}

static enum MHD_Result add_field(void *data, enum MHD_ValueKind kind, const char *name,
				 const char *value)
{
	(void)kind;
	request_add_field(data, name, value);
	return MHD_YES;
}

static enum MHD_Result add_argument(void *data, enum MHD_ValueKind kind, const char *name,
				    const char *value)
{
	struct request *request = data;

	(void)kind;
	if (request->count < ANSWER_ARGUMENTS_MAX) {
		request->arguments[request->count].name = name;
		request->arguments[request->count].value = value ? value : "";
	}
	request->count++;
	return MHD_YES;
}

static struct client *client_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		microhttpd.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

static int answer_request(struct server *server, struct MHD_Connection *connection,
			  const struct request_fields *fields, const char *method,
			  const char *target, struct answer *answer)
{
	const struct public_state *state = server->state;
	const char *path = request_path(target);
	struct request request = {
		.method = method,
		.path = path ? path : "",
		.accept = fields->accept,
		.other_host = !request_is_for(fields, state->host) &&
			      !request_is_for(fields, state->source.node),
		.other_origin = request_is_from_other_site(fields),
		.by_browser = fields->browser,
	};

	const struct asker asker = {
		.access = server->access,
		.self = server->gate ? server->gate->self : NULL,
		.cgroup_id = clients_cgroup(client_of(connection)),
	};

	microhttpd.get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_argument, &request);
	return answer_make(server->state, &asker, &request, answer);
}

/*
 * Called with the whole target, as it came, when only the first line has been read. The library cuts
 * it at a NUL, if it holds one. So the result is where the target ends: the version has to follow.
 */
static void *on_target(void *data, const char *target, struct MHD_Connection *connection)
{
	(void)data;
	(void)connection;
	if (!request_target_is_clean(target))
		return &bad_target;
	return (void *)(target + strlen(target) + 1);
}

/* Only where the version is behind the target in the same memory can this be known. */
static bool target_is_whole(const void *end, const char *version)
{
	uintptr_t gap = (uintptr_t)version - (uintptr_t)end;

	return end != &bad_target && (gap == 0 || gap >= CONNECTION_MEMORY);
}

/*
 * Called when the headers are complete, and again when the whole request is. Refuse a request the
 * first time: then the server reads no body, and closes the connection.
 * @state: at first the result of on_target()
 */
static enum MHD_Result handle(void *data, struct MHD_Connection *connection, const char *target,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **state)
{
	static char headers_seen;
	bool readable = strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
			strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
	struct request_fields fields = {0};
	const char *fault = NULL;
	struct answer answer;
	int r;

	(void)upload;
	(void)upload_size;
	microhttpd.get_connection_values(connection, MHD_HEADER_KIND, add_field, &fields);
	if (*state != &headers_seen)
		fault = target_is_whole(*state, version)
				? request_find_fault(&fields, version)
				: "the request target has a control character or a blank\n";
	if (*state != &headers_seen && readable && !fault && !fields.body) {
		*state = &headers_seen;
		return MHD_YES;
	}
	if (fault || (readable && fields.body))
		r = answer_refuse(&answer, fault);
	else
		r = answer_request(data, connection, &fields, method, target, &answer);
	return r < 0 ? MHD_NO : respond(data, connection, &answer);
}

static size_t on_decode(void *data, struct MHD_Connection *connection, char *text)
{
	(void)data;
	(void)connection;
	return request_decode(text);
}

static void on_connection(void *data, struct MHD_Connection *connection, void **client,
			  enum MHD_ConnectionNotificationCode what)
{
	struct server *server = data;
	const struct arrival *arrival = NULL;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		clients_leave(server->clients, *client);
		return;
	}
	info = microhttpd.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (info && server->gate)
		arrival = gate_find(server->gate, info->connect_fd);
	*client = info ? clients_enter(server->clients, info->connect_fd,
				       arrival ? arrival->outermost : 0,
				       arrival ? arrival->cgroup_id : 0)
		       : NULL;
}

static void on_completed(void *data, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode how)
{
	struct server *server = data;

	(void)state;
	(void)how;
	clients_served(server->clients, client_of(connection));
}

/* Let the server do its work, and set the timer to the time at which it wants to run again. */
static int run(struct server *server)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms;
	uint64_t first_ns = 0;

	if (microhttpd.run(server->daemon) != MHD_YES)
		return log_error(-EIO, "%s: the HTTP server failed", server->address);
	if (microhttpd.get_timeout(server->daemon, &timeout_ms) == MHD_YES)
		first_ns = timeout_ms ? timeout_ms * NS_PER_MS : 1;
	return loop_set_timer(server->loop, server->timer, first_ns, 0);
}

static int on_event(void *data, uint32_t events)
{
	(void)events;
	return run(data);
}

/* The library takes the descriptors over, whatever comes of it. */
static int on_arrivals(void *data)
{
	static const struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct server *server = data;

	for (size_t i = 0; i < server->gate->count; i++)
		microhttpd.add_connection(server->daemon, server->gate->arrived[i].fd,
					  (const struct sockaddr *)&address,
					  sizeof(address.sun_family));
	return run(server);
}

/* Clients can provoke these messages, so they need --verbose. */
__attribute__((format(printf, 2, 0))) static void log_server(void *data, const char *format,
							     va_list args)
{
	const struct server *server = data;
	char text[256];

	/* The library takes the connections of a gate for TCP, and says of each that options fail. */
	if (server->gate)
		return;
	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	log_debug("%s: %s", server->address, text);
}

void server_stop(struct server *server)
{
	if (server->timer >= 0)
		loop_remove(server->loop, server->timer);
	if (server->source >= 0)
		loop_remove(server->loop, server->source);
	if (!server->daemon)
		return;
	if (server->gate)
		gate_stop(server->gate);
	/* This closes the socket too. */
	microhttpd.stop_daemon(server->daemon);
	if (server->remove)
		listen_remove(server->address);
}

static int start_daemon(struct server *server, int fd)
{
	/* A gate accepts the clients itself. */
	const struct MHD_OptionItem listening[] = {
		{server->gate ? MHD_OPTION_END : MHD_OPTION_LISTEN_SOCKET, fd, NULL},
		{MHD_OPTION_END, 0, NULL},
	};
	const unsigned int flags =
		MHD_USE_EPOLL | MHD_USE_ERROR_LOG | (server->gate ? MHD_USE_NO_LISTEN_SOCKET : 0);
	int r = microhttpd_load();

	if (r < 0)
		return r;
	server->daemon =
		microhttpd.start_daemon(flags, 0, NULL, NULL, handle, server,
					MHD_OPTION_EXTERNAL_LOGGER, log_server, server,
					MHD_OPTION_ARRAY, listening, MHD_OPTION_NOTIFY_CONNECTION,
					on_connection, server, MHD_OPTION_NOTIFY_COMPLETED,
					on_completed, server, MHD_OPTION_URI_LOG_CALLBACK,
					on_target, server, MHD_OPTION_UNESCAPE_CALLBACK, on_decode,
					server, MHD_OPTION_CONNECTION_LIMIT,
					(unsigned int)CONNECTIONS_MAX,
					MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_TIMEOUT_S,
					MHD_OPTION_CONNECTION_MEMORY_LIMIT,
					(size_t)CONNECTION_MEMORY, MHD_OPTION_END);
	if (!server->daemon)
		return log_error(-EIO, "%s: the HTTP server does not start", server->address);
	return 0;
}

/* Let the loop call the server when there is something to do for it. */
static int start_events(struct server *server, int fd)
{
	const union MHD_DaemonInfo *info =
		microhttpd.get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	server->timer = loop_add_timer(server->loop, 0, 0, on_event, server);
	if (info)
		server->source = loop_add(server->loop, info->epoll_fd, EPOLLIN, on_event, server);
	if (server->timer < 0 || server->source < 0)
		return log_errno(server->timer < 0 ? server->timer : server->source, "%s",
				 server->address);
	if (!server->gate)
		return 0;
	server->gate->handler = on_arrivals;
	server->gate->data = server;
	return gate_start(server->gate, fd);
}

int server_start(struct server *server, int fd)
{
	int r;

	server->source = -EBADF;
	server->timer = -EBADF;
	r = start_daemon(server, fd);
	if (r < 0) {
		close(fd);
		if (server->remove)
			listen_remove(server->address);
		return r;
	}
	r = start_events(server, fd);
	if (r < 0)
		server_stop(server);
	return r;
}
