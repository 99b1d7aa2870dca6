/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * main.c - relayguard(8): start bottom-up, wait for signals, stop in reverse.
 * libmilter runs in a thread of its own: its signal thread takes a SIGHUP for a
 * reason to stop, and the kernel hands a signal to the main thread first as
 * long as that does not block it.
 */
#include "config.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "counter.h"
#include "health.h"
#include "inquiry.h"
#include "log.h"
#include "loop.h"
#include "memcache.h"
#include "mlfi.h"
#include "process.h"
#include "session.h"

#define DRAIN_MS 600 /* how long sessions may take to end when we stop */
#define DRAIN_STEP_MS 10

struct options {
	const char *conf;
	const char *registry;
	const char *pid_file; /* NULL: the configuration's */
	bool check;
	bool detach;
	bool to_syslog;
	bool verbose;
};

/* All that lives from start to stop, in the order of its making. */
struct daemon {
	struct options options;
	struct loop *loop;
	struct memcache *memory;
	struct health *health;
	struct session_world world;
	char *listen;   /* what libmilter listens on, whatever a reload says */
	char *pid_file; /* or NULL */
	pthread_t milter;
};

static sem_t wake; /* posted by the handlers below, and when libmilter ends */
static volatile sig_atomic_t reload_wanted, stop_wanted;
static atomic_bool milter_ended;

static int
usage(void)
{
	fprintf(stderr, "usage: relayguard [-dstvV] [-c file] [-l lists.conf] [-p pidfile]\n");
	return EX_USAGE;
}

/* The file by its full name; as it is where it cannot be found. */
static const char *
absolute(const char *path)
{
	char *full = realpath(path, NULL);

	return full != NULL ? full : path;
}

/* Read the command line; other than EX_OK: the exit code, all being said. */
static int
parse_options(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){
	    .conf = SYSCONFDIR "/relayguard.conf",
	    .registry = PKGDATADIR "/lists.conf",
	};
	while ((c = getopt(argc, argv, "c:dl:p:stvV")) != -1) {
		switch (c) {
		case 'c':
			o->conf = optarg;
			break;
		case 'd':
			o->detach = o->to_syslog = true;
			break;
		case 'l':
			o->registry = optarg;
			break;
		case 'p':
			o->pid_file = optarg;
			break;
		case 's':
			o->to_syslog = true;
			break;
		case 't':
			o->check = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'V':
			printf("relayguard %s\n", PACKAGE_VERSION);
			exit(EX_OK);
		default:
			return usage();
		}
	}
	if (optind != argc)
		return usage();
	/* A reload must find the files again after chdir("/"). */
	o->conf = absolute(o->conf);
	o->registry = absolute(o->registry);
	return EX_OK;
}

static void
on_signal(int number)
{
	if (number == SIGUSR1 || number == SIGHUP)
		reload_wanted = 1;
	else
		stop_wanted = 1;
	sem_post(&wake);
}

static void
our_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGUSR1);
}

/* No thread made from now on takes a signal of ours. */
static void
block_signals(void)
{
	sigset_t set;

	our_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* SA_NODEFER: were one blocked while its handler runs, libmilter would get the next. */
static void
take_signals(void)
{
	struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_NODEFER | SA_RESTART};
	sigset_t set;

	our_signals(&set);
	for (int number = 1; number < NSIG; number++)
		if (sigismember(&set, number) == 1)
			sigaction(number, &act, NULL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* Log what conf_load() had to say, a line each. */
static void
log_complaints(char *text)
{
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		if (line[0] != '\0')
			log_event(LOG_LEVEL_ERROR, "configuration", "what", line);
}

static void
warn_unchanged(const struct conf *before, const struct conf *now)
{
	if (strcmp(before->listen, now->listen) != 0)
		log_event(LOG_LEVEL_WARNING, "needs-restart", "what", "listen");
	if (before->memory != now->memory)
		log_event(LOG_LEVEL_WARNING, "needs-restart", "what", "cache memory");
}

static void
use_conf(struct daemon *d, struct conf *conf)
{
	inquiries_configure(
	    d->world.inquiries, conf->servers, conf->use_redis ? &conf->redis : NULL);
	conf_install(conf);
}

/* Read the configuration again; sessions that are open keep the one they have. */
static void
reload(struct daemon *d)
{
	char *text = NULL;
	size_t size = 0;
	FILE *errors = open_memstream(&text, &size);
	struct conf *before, *conf;

	if (errors == NULL)
		return;
	conf = conf_load(d->options.registry, d->options.conf, errors);
	fclose(errors);
	log_complaints(text);
	free(text);
	if (conf == NULL) {
		log_event(
		    LOG_LEVEL_ERROR, "reload-failed", "kept", "the configuration as it was");
		return;
	}
	before = conf_current();
	warn_unchanged(before, conf);
	conf_unref(&before);
	use_conf(d, conf);
	log_event(LOG_LEVEL_INFO, "reloaded", "file", d->options.conf);
}

static void
log_counters(const char *event)
{
	struct logline line;

	logline_event(&line, event);
	for (enum counter c = 0; c < COUNTER_MAX; c++)
		logline_num(&line, counter_name(c), (int64_t)counter_get(c));
	logline_end(&line, LOG_LEVEL_INFO);
}

static void *
serve(void *arg)
{
	(void)arg;
	if (!mlfi_serve())
		log_event(LOG_LEVEL_ERROR, "libmilter-ended", "error", "it has given up");
	atomic_store(&milter_ended, true);
	sem_post(&wake);
	return NULL;
}

/* Open the socket while we may still be root; nobody is to find it half ready. */
static int
open_socket(struct daemon *d, const struct conf *conf)
{
	char lock[256];
	struct strbuf sb;
	mode_t mask;
	bool good;

	d->listen = strdup(conf->listen);
	if (conf->listen_path != NULL) {
		strbuf_init(&sb, lock, sizeof(lock));
		strbuf_addf(&sb, "%s.lock", conf->listen_path);
		if (!process_lock(lock))
			return EX_UNAVAILABLE;
	}
	mask = umask(0177);
	good = d->listen != NULL && mlfi_open(d->listen, &d->world);
	umask(mask);
	if (!good)
		return EX_UNAVAILABLE;
	if (conf->listen_path != NULL &&
	    !process_give_socket(
		conf->listen_path, conf->user, conf->socket_group, conf->socket_mode))
		return EX_OSERR;
	return EX_OK;
}

static int
settle_process(struct daemon *d, const struct conf *conf)
{
	const char *pid_file =
	    d->options.pid_file != NULL ? d->options.pid_file : conf->pid_file;

	if (d->options.detach && !process_detach())
		return EX_OSERR;
	if (pid_file != NULL) {
		if (!process_write_pid(pid_file))
			return EX_CANTCREAT;
		d->pid_file = strdup(pid_file);
	}
	return process_become(conf->user, conf->group) ? EX_OK : EX_NOPERM;
}

/* Make all the parts, lowest first, and start the two threads. */
static int
start(struct daemon *d, struct conf *conf)
{
	d->loop = loop_new();
	d->memory = memcache_new(conf->memory);
	d->health = health_new();
	if (d->loop == NULL || d->memory == NULL || d->health == NULL)
		return EX_OSERR;
	d->world.memory = d->memory;
	d->world.inquiries = inquiries_new(d->loop, d->memory, health_note, d->health);
	if (d->world.inquiries == NULL || !loop_start(d->loop))
		return EX_OSERR;
	use_conf(d, conf);
	if (pthread_create(&d->milter, NULL, serve, NULL) != 0)
		return EX_OSERR;
	return EX_OK;
}

static void
wait_and_reload(struct daemon *d)
{
	while (!stop_wanted && !atomic_load(&milter_ended)) {
		if (reload_wanted) {
			reload_wanted = 0;
			reload(d);
			continue;
		}
		sem_wait(&wake); /* EINTR is as good as a post */
	}
}

/* Let the sessions that are open come to their end, as far as time allows. */
static void
drain(struct daemon *d)
{
	const struct timespec step = {.tv_nsec = DRAIN_STEP_MS * 1000000L};
	int64_t until = clock_ms() + DRAIN_MS;

	session_stop_all(&d->world);
	while (session_count() > 0 && clock_ms() < until)
		nanosleep(&step, NULL);
}

/*
 * libmilter's workers may still be in a callback after it has ended: what they
 * use is not freed, the process just ends.
 */
static void
stop(struct daemon *d)
{
	if (!atomic_load(&milter_ended)) {
		drain(d);
		mlfi_stop(d->listen);
		pthread_join(d->milter, NULL);
	}
	log_counters("stopped");
	if (d->pid_file != NULL)
		unlink(d->pid_file);
	fflush(NULL);
}

static int
check(const struct conf *conf, const struct options *o)
{
	printf("%s is good.\nPostfix, in main.cf:\n\tsmtpd_milters = { %s, connect_timeout=3s, "
	       "command_timeout=10s, default_action=accept }\n",
	    o->conf, conf->listen_postfix);
	return EX_OK;
}

static int
run(struct daemon *d, struct conf *conf)
{
	int code;

	sem_init(&wake, 0, 0);
	block_signals();
	if (d->options.to_syslog)
		log_to_syslog("relayguard");
	if ((code = open_socket(d, conf)) != EX_OK ||
	    (code = settle_process(d, conf)) != EX_OK || (code = start(d, conf)) != EX_OK)
		return code;
	log_event(LOG_LEVEL_INFO, "started", "socket", d->listen);
	take_signals();
	wait_and_reload(d);
	stop(d);
	return stop_wanted ? EX_OK : EX_SOFTWARE;
}

int
main(int argc, char **argv)
{
	static struct daemon d;
	struct conf *conf;
	int code = parse_options(&d.options, argc, argv);

	if (code != EX_OK)
		return code;
	log_set_verbose(d.options.verbose);
	conf = conf_load(d.options.registry, d.options.conf, stderr);
	if (conf == NULL)
		return EX_CONFIG;
	if (d.options.check)
		return check(conf, &d.options);
	_exit(run(&d, conf));
}
