/* SPDX-License-Identifier: BSD-2-Clause */
/* web/main.c - relayguard-web: options, its socket, and the end. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/log.h"
#include "base/output.h"
#include "os/activation.h"
#include "os/listening.h"
#include "os/sandbox.h"
#include "web/connections.h"
#include "web/token.h"

#define LISTEN "unix:/run/relayguard-web/web.sock"
#define CONTROL "/run/relayguard/page.sock"
#define SOCKET_MODE 0660 /* for a proxy that is in our group */
#define LOG_MS 1000

struct options {
	const char *listen, *control, *texts;
	bool check;
};

/* Where readers come in. */
struct entrance {
	struct listening file; /* a path of ours, to be removed at the end; or none */
	int fd;
	bool proxy; /* a unix socket: a proxy is in front */
};

static int
usage(FILE *out)
{
	fputs("usage: relayguard-web [-htV] [--listen unix:PATH|ADDRESS:PORT] [--control PATH] "
	      "[--texts FOLDER]\n",
	    out);
	return EX_USAGE;
}

/* EX_OK; else the program ends, with EX_USAGE or, where all was said, -1. */
static int
read_options(struct options *o, int argc, char **argv)
{
	static const struct option names[] = {
	    {"listen", required_argument, NULL, 'l'},
	    {"control", required_argument, NULL, 'c'},
	    {"texts", required_argument, NULL, 'd'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	*o = (struct options){
	    .listen = LISTEN, .control = CONTROL, .texts = PKGDATADIR "/texts"};
	while ((c = getopt_long(argc, argv, "htV", names, NULL)) != -1)
		switch (c) {
		case 'l':
			o->listen = optarg;
			break;
		case 'c':
			o->control = optarg;
			break;
		case 'd':
			o->texts = optarg;
			break;
		case 't':
			o->check = true;
			break;
		case 'h':
			usage(stdout);
			return -1;
		case 'V':
			puts("relayguard-web " PACKAGE_VERSION);
			return -1;
		default:
			return usage(stderr);
		}
	return optind == argc ? EX_OK : usage(stderr);
}

static bool
open_entrance(struct entrance *e, const char *at)
{
	const char *path = at;
	struct logline line;

	*e = (struct entrance){.fd = activation_socket("web"), .proxy = true};
	if (e->fd >= 0)
		return true;
	if (ascii_take(&path, "unix:")) {
		if (listening_unix(&e->file, path, SOCKET_MODE)) {
			e->fd = e->file.fd;
			return true;
		}
	} else {
		e->proxy = false;
		if ((e->fd = listening_tcp(at)) >= 0)
			return true;
	}
	logline_event(&line, "cannot-listen");
	logline_str(&line, "socket", at);
	logline_words(&line, "error", strerror(errno));
	logline_end(&line, LOG_LEVEL_ERROR);
	return false;
}

/* Nothing is read any more, and only our own socket is to be removed. */
static void
enter_sandbox(const struct entrance *e)
{
	struct sandbox box;

	sandbox_begin(&box);
	if (e->file.path != NULL)
		sandbox_may_remove(&box, e->file.path);
	sandbox_enter(&box);
}

/* Wait for what ends us: others start with these signals blocked.  sigwait(3) is libmilter's,
 * by session/mlfi.c. */
static void
wait_for_end(const sigset_t *ends)
{
	while (sigwaitinfo(ends, NULL) < 0)
		continue;
}

static int
fail(const char *what, const char *error)
{
	struct logline line;

	logline_event(&line, "cannot-start");
	logline_words(&line, "what", what);
	logline_words(&line, "error", error);
	logline_end(&line, LOG_LEVEL_ERROR);
	return EX_OSERR;
}

/* Serve until a signal comes. */
static int
serve(struct site *site, const struct entrance *e, const sigset_t *ends)
{
	struct connections *readers = connections_new(site, e->fd);
	int status = EX_OK;

	if (readers == NULL || !connections_start(readers)) {
		status =
		    fail("threads for readers", strerror(readers == NULL ? errno : EAGAIN));
	} else {
		log_event(LOG_LEVEL_INFO, "started", "version", PACKAGE_VERSION);
		wait_for_end(ends);
		log_event(LOG_LEVEL_INFO, "stopped", "version", PACKAGE_VERSION);
	}
	connections_free(readers);
	close(e->fd);
	return status;
}

static int
run(const struct options *o, const struct phrases *texts)
{
	struct site site = {
	    .texts = texts, .daemon = daemon_new(o->control), .misses = misses_new()};
	struct entrance e;
	sigset_t ends;
	int status = EX_OSERR;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	if (site.daemon == NULL || site.misses == NULL || !token_begin()) {
		status = fail("memory and chance", strerror(errno));
	} else if (open_entrance(&e, o->listen)) {
		site.proxy = e.proxy;
		enter_sandbox(&e);
		status = serve(&site, &e, &ends);
		if (e.file.path != NULL)
			listening_remove(&e.file);
	}
	misses_free(site.misses);
	daemon_free(site.daemon);
	return status;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct phrases *texts;
	char why[512];
	int status = read_options(&o, argc, argv);

	if (status != EX_OK)
		return status == EX_USAGE ? EX_USAGE : output_end("relayguard-web", EX_OK);
	if ((texts = phrases_load(o.texts, why, sizeof(why))) == NULL) {
		fprintf(stderr, "relayguard-web: %s\n", why);
		return EX_CONFIG;
	}
	if (o.check) {
		unsigned n;

		(void)phrases_tags(texts, &n);
		printf("relayguard-web: the texts of %u languages are good.\n", n);
		status = output_end("relayguard-web", EX_OK);
	} else {
		log_name("relayguard-web");
		(void)log_start();
		status = run(&o, texts);
		(void)log_stop(LOG_MS);
	}
	phrases_free(texts);
	return status;
}
