/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/server.h - the control sockets: a line of JSON in, lines of JSON out, on threads of
 * their own.  Mail never waits for it.
 *
 * A request is {"verb":NAME, ...}.  A reply is any number of lines
 * {"format":1,"verb":NAME,"data":...}, then {"end":true,"status":N}, N as of sysexits(3), or
 * 1 for "no"; then the connection is closed.  A request has SERVER_REQUEST_MAX bytes and
 * SERVER_REQUEST_MS; a client that does not read its reply for as long is dropped.
 */
#ifndef RELAYGUARD_CONTROL_SERVER_H
#define RELAYGUARD_CONTROL_SERVER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SERVER_CLIENTS 8        /* of a socket at a time; one more is told to come again */
#define SERVER_PLACES 520       /* the same of a socket at which something else is spoken */
#define SERVER_REQUEST_MAX 4096 /* bytes of a request, its newline included */
#define SERVER_REQUEST_MS 10000
#define SERVER_FORMAT 1

struct request;
struct server;

/* What a socket's clients may do: the right to control includes that to the status, and none
 * other includes another. */
enum server_right { RIGHT_STATUS, RIGHT_CONTROL, RIGHT_PAGE };

/*
 * Serve a request, on a thread of its own, which may block; returns the status to end with.
 * args is the request, borrowed; arg is server_new()'s.
 */
typedef int server_verb_fn(struct request *, const json_t *args, void *arg);

struct server_verb {
	const char *name;
	enum server_right right; /* that it takes */
	server_verb_fn *run;
	const char *keys; /* that a request may have beside "verb", with blanks between them;
			   * NULL: any */
};

/* A server that does not run yet; verbs (n of them) and arg are borrowed and outlive it.
 * NULL: out of memory or descriptors. */
struct server *server_new(const struct server_verb *verbs, size_t n, void *arg);

/*
 * Accept on a socket that listens (the server's from now on, also where that fails), with
 * that right for its clients.  Before server_start().  False: out of memory.
 */
bool server_listen(struct server *, int fd, enum server_right);

/*
 * Speak with a client of another kind of socket, on a thread of its own, which may block; the
 * caller closes fd.
 */
typedef void server_talk_fn(int fd, void *arg);

/* Accept on a socket at which something else is spoken, with no more than so many clients at
 * a time (up to SERVER_PLACES): the others are sent away.  arg is borrowed.  Else as
 * server_listen(). */
bool server_listen_other(
    struct server *, int fd, unsigned clients, server_talk_fn *talk, void *arg);

/* Whether it accepts anywhere. */
bool server_listens(const struct server *);

/* Wait for a descriptor until clock_ms() reaches deadline; false: it is not ready then. */
bool server_wait(int fd, short events, int64_t deadline);

/* Receive some bytes, up to size, until clock_ms() reaches deadline: how many; 0: the client is
 * gone; -1: there were none in time. */
ssize_t server_receive(int fd, char *text, size_t size, int64_t deadline);

/* Send all of a text; each piece may take as long as a request.  False: the client is gone, or
 * too slow. */
bool server_send(int fd, const char *text, size_t len);

/* The same with one deadline for all of it, which is of clock_ms(). */
bool server_send_until(int fd, const char *text, size_t len, int64_t deadline);

/* Start its thread; false: there can be none. */
bool server_start(struct server *);

/* End: no verb begins any more, and those that run are waited for; frees.  NULL is fine. */
void server_free(struct server *);

/*
 * Send data (taken over; NULL: memory was out, and the status becomes EX_SOFTWARE) as a line
 * of the reply.  False: the client
 * is gone, or too slow: there is no use in more.  Thread of the verb only; may wait for the
 * client to read.
 */
bool request_reply(struct request *, json_t *data);

/* A text from outside: as it is where it is UTF-8, else with its bytes escaped as in the log;
 * null where there is none. */
json_t *request_shown(const char *text);

/* Say what is wrong with the request, in a sentence; the status is to be another than 0. */
void request_error(struct request *, const char *error);

/* Whether the client is still there. */
bool request_is_wanted(struct request *);

/* The text of a request's key, or NULL; *bad is set where it is no text. */
const char *request_text(const json_t *args, const char *key, bool *bad);

/* Whether a request's key is true; *bad is set where it is neither true nor false. */
bool request_flag(const json_t *args, const char *key, bool *bad);

/* What the client may do: the right of the socket that it has come by. */
enum server_right request_right(const struct request *);

/* Who asks, for the log: "root", or "group" for anybody else who may use the socket.  Where
 * users are mapped, the system does not tell more. */
const char *request_who(const struct request *);

#endif
