/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ask.c - when a request is over: as who replied has closed, and not before. */
#include "config.h"

#include "control/ask.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"

#include "tap.h"

#define LATE_US 100000 /* between a reply and its connection's end */
#define PART_MS 5      /* for a reply of which one line comes */

static const char good[] = "{\"end\":true,\"status\":0}\n", part[] = "{\"data\":{}}\n";
static char folder[] = "/tmp/relayguard.XXXXXX", path[64];
static int listening;
static atomic_bool closed, asked;

struct replier {
	const char *text;
	bool keep;
};

/* Reply to a client, and close late; or only as the client has what it wants, or has waited
 * for far too long. */
static void *
reply(void *arg)
{
	const struct replier *r = arg;
	char request[256];
	int fd = accept(listening, NULL, NULL);

	/* Who does not wait for long may be gone. */
	if (fd < 0)
		abort();
	if (read(fd, request, sizeof(request)) > 0)
		(void)send(fd, r->text, strlen(r->text), MSG_NOSIGNAL);
	usleep(r->keep ? 0 : LATE_US);
	for (int i = 0; r->keep && i < 10000 && !atomic_load(&asked); i++)
		usleep(1000);
	atomic_store(&closed, true);
	close(fd);
	return NULL;
}

static int
take_end(const char *line, void *arg)
{
	(void)arg;
	return strncmp(line, good, strlen(line)) == 0 ? EX_OK : EX_PROTOCOL;
}

/* The thread of the one who replies to the next request. */
static pthread_t
start(struct replier *r)
{
	pthread_t thread;

	atomic_store(&closed, false);
	atomic_store(&asked, false);
	if (pthread_create(&thread, NULL, reply, r) != 0)
		abort();
	return thread;
}

static int
ask(ask_line_fn *take, void *arg, int reply_ms)
{
	json_t *request = json_pack("{s:s}", "verb", "status");
	int status = ask_daemon(path, request,
	    (struct ask_patience){.connect_ms = 5000, .reply_ms = reply_ms}, take, arg);

	json_decref(request);
	return status;
}

static int
whole(bool keep, int reply_ms)
{
	struct replier r = {good, keep};
	pthread_t thread = start(&r);
	int status = ask(take_end, NULL, reply_ms);

	if (!keep)
		ok(atomic_load(&closed), "the other end is closed when it is over");
	atomic_store(&asked, true);
	pthread_join(thread, NULL);
	return status;
}

/* A line that does not end the reply, and takes until a time of clock_ms(). */
static int
take_long(const char *line, void *arg)
{
	(void)line;
	while (clock_ms() < *(int64_t *)arg)
		;
	return -1;
}

/* A reply is waited for no longer, whatever the millisecond in which more of it is. */
static void
test_part(void)
{
	struct replier r = {part, true};
	int silent = 0;

	for (int i = 0; i < 40; i++) {
		pthread_t thread = start(&r);
		int64_t until = clock_ms() + PART_MS + i % 4;

		silent += ask(take_long, &until, PART_MS) == ASK_SILENT;
		atomic_store(&asked, true);
		pthread_join(thread, NULL);
	}
	same_num(silent, 40, "a reply that does not go on");
}

static bool
listen_here(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	snprintf(path, sizeof(path), "%s/socket", folder);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	listening = socket(AF_UNIX, SOCK_STREAM, 0);
	return bind(listening, (struct sockaddr *)&sun, sizeof(sun)) == 0 &&
	    listen(listening, 1) == 0;
}

int
main(void)
{
	if (mkdtemp(folder) == NULL || !listen_here())
		return 1;
	same_num(whole(false, 5000), EX_OK, "a reply");
	same_num(whole(false, ASK_FOR_EVER), EX_OK, "a reply that may take for ever");
	same_num(whole(true, 5000), EX_OK, "a reply that nothing ends");
	same_num(whole(true, ASK_FOR_EVER), EX_OK, "the same, where it may take for ever");
	test_part();
	close(listening);
	same_num(ask_daemon(path, NULL, (struct ask_patience){.connect_ms = 1}, take_end, NULL),
	    ASK_NOBODY, "nobody is there");
	unlink(path);
	return rmdir(folder) == 0 ? done() : 1;
}
