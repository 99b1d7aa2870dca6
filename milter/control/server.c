/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/server.c - one thread accepts, and each client has one of its own: a verb may
 * block, and nobody waits for it but its client.  What a client sends or leaves unread is
 * bounded in bytes and time, so that none can hold its thread for long.
 */
#include "config.h"

#include "control/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "os/thread.h"

#define SOCKETS 4
#define SHORTAGE_MS 200 /* of descriptors: who waits to be accepted is not looked at */
#define SHOWN_MAX 4096  /* bytes of a text that is escaped */
#define STACK_SIZE (512 * 1024)

/* Each has places of its own: who sits on one socket is in nobody's way at another. */
struct listener {
	int fd;
	enum server_right right;
	server_talk_fn *talk; /* NULL: verbs are served */
	void *talk_arg;
	unsigned places;
	int client[SERVER_PLACES]; /* -1: free; guarded by the server's lock */
	unsigned nclients;
};

struct server {
	const struct server_verb *verbs;
	size_t nverbs;
	void *arg;
	struct listener listener[SOCKETS];
	unsigned nlisteners;
	int wake[2]; /* a byte: it ends */
	pthread_t thread;
	bool running;

	pthread_mutex_t lock; /* guards the rest, and the clients of listeners */
	pthread_cond_t left;  /* a client has left */
	bool stopping;
};

struct request {
	struct server *server;
	struct listener *listener;
	unsigned place; /* among its clients */
	int fd;
	const char *verb;
	bool gone;
	bool failed; /* memory was out for a line of the reply */
};

bool
server_wait(int fd, short events, int64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = deadline - clock_ms();
		int n = left > 0 ? poll(&p, 1, (int)left) : 0;

		if (n > 0)
			return (p.revents & events) != 0;
		if (n == 0 || errno != EINTR)
			return false;
	}
}

ssize_t
server_receive(int fd, char *text, size_t size, int64_t deadline)
{
	while (server_wait(fd, POLLIN, deadline)) {
		ssize_t n = recv(fd, text, size, MSG_DONTWAIT);

		if (n >= 0)
			return n;
		if (errno != EAGAIN && errno != EINTR)
			return 0;
	}
	return -1;
}

/* each_ms: for each piece; 0: all of it until deadline. */
static bool
send_pieces(int fd, const char *text, size_t len, int each_ms, int64_t deadline)
{
	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if ((errno != EAGAIN && errno != EINTR) ||
		    !server_wait(fd, POLLOUT, each_ms != 0 ? clock_ms() + each_ms : deadline)) {
			return false;
		}
	}
	return true;
}

bool
server_send(int fd, const char *text, size_t len)
{
	return send_pieces(fd, text, len, SERVER_REQUEST_MS, 0);
}

bool
server_send_until(int fd, const char *text, size_t len, int64_t deadline)
{
	return send_pieces(fd, text, len, 0, deadline);
}

static bool
send_all(struct request *r, const char *text, size_t len)
{
	r->gone = r->gone || !server_send(r->fd, text, len);
	return !r->gone;
}

/* Send a line of JSON, and free it; NULL: memory was out. */
static bool
send_line(struct request *r, json_t *line)
{
	char *text = line != NULL
	    ? json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(6))
	    : NULL;
	bool good = text != NULL && send_all(r, text, strlen(text)) && send_all(r, "\n", 1);

	free(text);
	json_decref(line);
	return good;
}

bool
request_reply(struct request *r, json_t *data)
{
	r->failed |= data == NULL;
	return data != NULL &&
	    send_line(r,
		json_pack(
		    "{s:i, s:s, s:o}", "format", SERVER_FORMAT, "verb", r->verb, "data", data));
}

void
request_error(struct request *r, const char *error)
{
	send_line(r, json_pack("{s:i, s:s}", "format", SERVER_FORMAT, "error", error));
}

static void
send_end(struct request *r, int status)
{
	send_line(r, json_pack("{s:b, s:i}", "end", true, "status", status));
}

bool
request_is_wanted(struct request *r)
{
	struct pollfd p = {.fd = r->fd};

	/* Who has shut down its side alone may still read. */
	r->gone = r->gone || (poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)) != 0);
	return !r->gone;
}

const char *
request_text(const json_t *args, const char *key, bool *bad)
{
	const json_t *value = json_object_get(args, key);

	*bad |= value != NULL && !json_is_string(value);
	return json_string_value(value);
}

bool
request_flag(const json_t *args, const char *key, bool *bad)
{
	const json_t *value = json_object_get(args, key);

	*bad |= value != NULL && !json_is_boolean(value);
	return json_is_true(value);
}

enum server_right
request_right(const struct request *r)
{
	return r->listener->right;
}

const char *
request_who(const struct request *r)
{
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t len = sizeof(peer);

	if (getsockopt(r->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return "group";
	return peer.uid == 0 ? "root" : "group";
}

json_t *
request_shown(const char *text)
{
	char storage[SHOWN_MAX];
	struct strbuf sb;
	json_t *as_is;

	if (text == NULL)
		return json_null();
	if ((as_is = json_string(text)) != NULL)
		return as_is;
	strbuf_init(&sb, storage, sizeof(storage));
	strbuf_add_visible(&sb, text);
	return json_string(storage);
}

/* Read a line without its end; false: there is none in time, or it is too long. */
static bool
read_line(struct request *r, char line[SERVER_REQUEST_MAX])
{
	int64_t deadline = clock_ms() + SERVER_REQUEST_MS;
	size_t len = 0;
	char *end;

	while (len < SERVER_REQUEST_MAX) {
		ssize_t n =
		    server_receive(r->fd, line + len, SERVER_REQUEST_MAX - len, deadline);

		if (n <= 0)
			return false;
		if ((end = memchr(line + len, '\n', (size_t)n)) != NULL) {
			*end = '\0';
			return true;
		}
		len += (size_t)n;
	}
	request_error(r, "the request is too long");
	return false;
}

static const struct server_verb *
find_verb(const struct server *s, const char *name)
{
	for (size_t i = 0; name != NULL && i < s->nverbs; i++)
		if (strcmp(s->verbs[i].name, name) == 0)
			return &s->verbs[i];
	return NULL;
}

/* Whether a word is one of those in a text. */
static bool
is_among(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; *at != '\0'; at += *at == ' ') {
		size_t n = strcspn(at, " ");

		if (n == len && n > 0 && memcmp(at, word, n) == 0)
			return true;
		at += n;
	}
	return false;
}

/* Whether a request has no key that its verb does not know: it may mean another thing than we
 * would do. */
static bool
has_known_keys(const struct server_verb *verb, const json_t *args)
{
	void *i = json_object_iter((json_t *)(uintptr_t)args);

	for (; verb->keys != NULL && i != NULL;
	     i = json_object_iter_next((json_t *)(uintptr_t)args, i)) {
		const char *key = json_object_iter_key(i);

		if (strcmp(key, "verb") != 0 && !is_among(verb->keys, key))
			return false;
	}
	return true;
}

static bool
includes(enum server_right has, enum server_right takes)
{
	return has == takes || (has == RIGHT_CONTROL && takes == RIGHT_STATUS);
}

static int
run_verb(struct request *r, const json_t *args)
{
	bool bad = false;
	const char *name = request_text(args, "verb", &bad);
	const struct server_verb *verb = find_verb(r->server, name);

	if (verb == NULL) {
		request_error(r, "there is no such verb");
		return EX_USAGE;
	}
	if (!includes(r->listener->right, verb->right)) {
		request_error(r, "this socket has no right to that");
		return EX_NOPERM;
	}
	r->verb = verb->name;
	if (!has_known_keys(verb, args)) {
		request_error(r, "the verb does not know a key of the request");
		return EX_USAGE;
	}
	return verb->run(r, args, r->server->arg);
}

static void
serve(struct request *r)
{
	char line[SERVER_REQUEST_MAX];
	json_t *args;

	if (!read_line(r, line)) {
		send_end(r, EX_USAGE);
		return;
	}
	args = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(args)) {
		request_error(r, "the request is no JSON object");
		send_end(r, EX_USAGE);
	} else {
		int status = run_verb(r, args);

		send_end(r, r->failed ? EX_SOFTWARE : status);
	}
	json_decref(args);
}

static void
leave(struct server *s, struct listener *l, unsigned place)
{
	pthread_mutex_lock(&s->lock);
	close(l->client[place]);
	l->client[place] = -1;
	l->nclients--;
	pthread_cond_signal(&s->left);
	pthread_mutex_unlock(&s->lock);
}

static void *
serve_client(void *arg)
{
	struct request r = *(struct request *)arg;

	free(arg);
	if (r.listener->talk != NULL)
		r.listener->talk(r.fd, r.listener->talk_arg);
	else
		serve(&r);
	leave(r.server, r.listener, r.place);
	return NULL;
}

/* A place for a client; false: there is none, or the end has come. */
static bool
enter(struct server *s, struct listener *l, int fd, unsigned *place)
{
	bool good = false;

	pthread_mutex_lock(&s->lock);
	for (unsigned i = 0; !s->stopping && !good && i < l->places; i++) {
		if (l->client[i] != -1)
			continue;
		l->client[i] = fd;
		l->nclients++;
		*place = i;
		good = true;
	}
	pthread_mutex_unlock(&s->lock);
	return good;
}

static bool
start_thread(struct request *r)
{
	pthread_attr_t attr;
	pthread_t thread;
	bool good;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	good = pthread_create(&thread, &attr, serve_client, r) == 0;
	pthread_attr_destroy(&attr);
	return good;
}

/* One that there is no place for is told so, if it takes no time. */
static void
turn_away(const struct listener *l, int fd)
{
	static const char busy[] = "{\"format\":1,\"error\":\"too many clients: come again\"}\n"
				   "{\"end\":true,\"status\":75}\n";

	if (l->talk == NULL)
		(void)send(fd, busy, strlen(busy), MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

/* False: there is nothing to accept with. */
static bool
take_client(struct server *s, struct listener *l)
{
	int fd = accept(l->fd, NULL, NULL);
	struct request *r;
	unsigned place;

	if (fd < 0)
		return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (!enter(s, l, fd, &place)) {
		turn_away(l, fd);
		return true;
	}
	if ((r = malloc(sizeof(*r))) != NULL)
		*r = (struct request){
		    .server = s, .listener = l, .place = place, .fd = fd, .verb = ""};
	if (r == NULL || !start_thread(r)) {
		free(r);
		leave(s, l, place);
	}
	return true;
}

static void *
accept_clients(void *arg)
{
	struct server *s = arg;
	struct pollfd p[SOCKETS + 1];

	for (;;) {
		for (unsigned i = 0; i < s->nlisteners; i++)
			p[i] = (struct pollfd){.fd = s->listener[i].fd, .events = POLLIN};
		p[s->nlisteners] = (struct pollfd){.fd = s->wake[0], .events = POLLIN};
		if (poll(p, s->nlisteners + 1, -1) < 0)
			continue;
		if (p[s->nlisteners].revents != 0)
			return NULL;
		for (unsigned i = 0; i < s->nlisteners; i++)
			if ((p[i].revents & POLLIN) != 0 && !take_client(s, &s->listener[i]))
				(void)server_wait(s->wake[0], POLLIN, clock_ms() + SHORTAGE_MS);
	}
}

struct server *
server_new(const struct server_verb *verbs, size_t n, void *arg)
{
	struct server *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	if (pipe(s->wake) != 0) {
		free(s);
		return NULL;
	}
	for (int i = 0; i < 2; i++)
		(void)fcntl(s->wake[i], F_SETFD, FD_CLOEXEC);
	s->verbs = verbs;
	s->nverbs = n;
	s->arg = arg;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->left, NULL);
	return s;
}

static struct listener *
add_listener(struct server *s, int fd)
{
	struct listener *l = &s->listener[s->nlisteners];

	if (s->nlisteners == SOCKETS) {
		close(fd);
		return NULL;
	}
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK); /* a client may be gone before it is accepted */
	*l = (struct listener){.fd = fd, .places = SERVER_CLIENTS};
	for (int i = 0; i < SERVER_PLACES; i++)
		l->client[i] = -1;
	s->nlisteners++;
	return l;
}

bool
server_listen(struct server *s, int fd, enum server_right right)
{
	struct listener *l = add_listener(s, fd);

	if (l != NULL)
		l->right = right;
	return l != NULL;
}

bool
server_listen_other(struct server *s, int fd, unsigned clients, server_talk_fn *talk, void *arg)
{
	struct listener *l = add_listener(s, fd);

	if (l == NULL)
		return false;
	l->places = clients < SERVER_PLACES ? clients : SERVER_PLACES;
	l->talk = talk;
	l->talk_arg = arg;
	return true;
}

bool
server_listens(const struct server *s)
{
	return s->nlisteners > 0;
}

bool
server_start(struct server *s)
{
	s->running = thread_start(&s->thread, NULL, accept_clients, s);
	return s->running;
}

/* No more clients, and those that are there find their connection ended. */
static void
stop_clients(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	for (unsigned i = 0; i < s->nlisteners; i++) {
		struct listener *l = &s->listener[i];

		for (unsigned k = 0; k < l->places; k++)
			if (l->client[k] != -1)
				(void)shutdown(l->client[k], SHUT_RDWR);
		while (l->nclients > 0)
			pthread_cond_wait(&s->left, &s->lock);
	}
	pthread_mutex_unlock(&s->lock);
}

void
server_free(struct server *s)
{
	if (s == NULL)
		return;
	if (s->running && write(s->wake[1], "", 1) == 1)
		pthread_join(s->thread, NULL);
	stop_clients(s);
	for (unsigned i = 0; i < s->nlisteners; i++)
		close(s->listener[i].fd);
	close(s->wake[0]);
	close(s->wake[1]);
	pthread_cond_destroy(&s->left);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
