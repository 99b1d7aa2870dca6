/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/main.c - relayguard(8): start bottom-up, wait for signals, stop in reverse.
 * libmilter runs in a thread of its own, and has no part in signals (session/mlfi.c).
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/bulk.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/limit.h"
#include "base/log.h"
#include "base/output.h"
#include "base/random.h"
#include "conf/conf.h"
#include "control/control.h"
#include "control/reloads.h"
#include "daemon/datalines.h"
#include "daemon/fixed.h"
#include "daemon/hooklines.h"
#include "daemon/options.h"
#include "daemon/policyserver.h"
#include "daemon/probe.h"
#include "daemon/reload.h"
#include "daemon/services.h"
#include "daemon/signals.h"
#include "daemon/watchdog.h"
#include "data/datawatch.h"
#include "loop/loop.h"
#include "loop/throttle.h"
#include "loop/workers.h"
#include "os/process.h"
#include "os/sandbox.h"
#include "os/socketspec.h"
#include "os/spawn.h"
#include "own/localstore.h"
#include "own/sharing.h"
#include "session/mlfi.h"
#include "session/passfile.h"
#include "session/session.h"
#include "spf/worker.h"
#include "store/copy.h"
#include "store/store.h"

#define DRAIN_MS 600    /* how long sessions may take to end when we stop */
#define STEP_MS 10      /* between two looks at what is waited for */
#define TESTS_MS 1000   /* how long the first tests of lists are waited for */
#define SERVE_MS 5000   /* how long libmilter may take to serve */
#define THROTTLE_MS 200 /* between two looks at the descriptors in use */
#define FLUSH_MS 200    /* how long the last lines may take to be written */

/* All that lives from start to stop, in the order of its making. */
struct daemon {
	struct options options;
	struct daemon_services services;
	char *listen;           /* what libmilter listens on, whatever a reload says */
	char *pid_file;         /* or NULL */
	uint64_t files;         /* that may be open */
	int spawner;            /* of the processes that read sender policies, or -1 */
	char watchdog_name[64]; /* the name of the watchdog's client, which nobody can guess */
	struct watchdog *watchdog;
	struct passfile *pass_file; /* or NULL */
	struct datawatch *datawatch;
	struct control *control;
	struct policyserver *policyserver; /* or NULL */
	struct reloads *reloads;
	struct reload reload;
	pthread_t milter;
};

static atomic_bool milter_ended;

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
use_limits(const struct daemon *d, const struct conf *conf)
{
	limit_set(LIMIT_SESSIONS, conf->max_sessions, d->files);
	limit_set(LIMIT_LOOKUPS, conf->max_lookups, d->files);
}

/* Go by what was read; sessions that are open keep what they have.  Frees the text. */
static void
use_reload(struct daemon *d, struct conf *conf, char *complaints)
{
	struct conf *before;

	log_complaints(complaints);
	free(complaints);
	if (conf == NULL) {
		log_event(LOG_LEVEL_ERROR, "reload-failed", "kept", "old-configuration");
		return;
	}
	before = conf_current();
	fixed_warn(before, conf);
	conf_unref(&before);
	use_limits(d, conf);
	daemon_services_use(&d->services, conf);
	datawatch_wake(d->datawatch);
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
		log_event(LOG_LEVEL_ERROR, "libmilter-ended", "error", "given-up");
	atomic_store(&milter_ended, true);
	signals_wake();
	return NULL;
}

/* Open the socket while we may still be root; nobody is to find it half ready. */
static int
open_socket(struct daemon *d, const struct conf *conf)
{
	char lock[256];
	struct logline line;
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
	/* libmilter would take the place of whoever listens there. */
	if (conf->listen_path != NULL && socketspec_poke(conf->listen)) {
		logline_event(&line, "cannot-listen");
		logline_str(&line, "socket", conf->listen);
		logline_words(&line, "error", strerror(EADDRINUSE));
		logline_end(&line, LOG_LEVEL_ERROR);
		return EX_UNAVAILABLE;
	}
	mask = umask(0177);
	good = d->listen != NULL && mlfi_open(d->listen, &d->services.sessions);
	umask(mask);
	if (!good)
		return EX_UNAVAILABLE;
	(void)throttle_init(d->files);
	(void)workers_init(d->listen);
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

	/* Until here what goes wrong is told on the terminal. */
	if (d->options.detach) {
		if (!process_detach())
			return EX_OSERR;
		log_to_syslog();
	}
	if (pid_file != NULL) {
		if (!process_write_pid(pid_file))
			return EX_CANTCREAT;
		d->pid_file = strdup(pid_file);
	}
	if (!process_become(conf->user, conf->group))
		return EX_NOPERM;
	if (d->spawner >= 0)
		(void)spawn_become(d->spawner, conf->user, conf->group);
	return EX_OK;
}

/* What a reload reads must be readable, what the end removes removable. */
static void
enter_sandbox(const struct daemon *d, const struct conf *conf)
{
	struct sandbox box;

	if (!conf->sandbox)
		return;
	sandbox_begin(&box);
	sandbox_may_read(&box, d->options.conf);
	sandbox_may_read(&box, d->options.registry);
	for (size_t i = 0; i < conf->nfiles; i++)
		sandbox_may_read(&box, conf->files[i]);
	if (conf->listen_path != NULL)
		sandbox_may_remove(&box, conf->listen_path);
	if (conf->policy_path != NULL)
		sandbox_may_remove(&box, conf->policy_path);
	if (d->pid_file != NULL)
		sandbox_may_remove(&box, d->pid_file);
	if (conf->control.socket != NULL)
		sandbox_may_remove(&box, conf->control.socket);
	if (conf->control.status != NULL)
		sandbox_may_remove(&box, conf->control.status);
	if (conf->control.page != NULL)
		sandbox_may_remove(&box, conf->control.page);
	if (conf->store.path != NULL)
		sandbox_may_keep(&box, conf->store.path);
	sandbox_enter(&box);
}

/* A name that is as hard to guess as a key. */
static void
name_watchdog(struct daemon *d)
{
	char part[3][REF_LEN + 1];

	for (int i = 0; i < 3; i++)
		ref_make(part[i]);
	snprintf(d->watchdog_name, sizeof(d->watchdog_name), "watchdog-%s%s%s.invalid", part[0],
	    part[1], part[2]);
	d->services.sessions.watchdog = d->watchdog_name;
}

static bool
start_store(struct daemon *d, const struct conf *conf)
{
	const struct store_options *o = &conf->store;
	struct store **store = &d->services.sessions.store;
	struct store_copy *copy = NULL;

	if (o->path == NULL)
		return true;
	if (o->copies > 0 &&
	    (copy = store_copy_new(d->services.loop, &o->redis, o->keep, o->copies)) == NULL)
		return false;
	return (*store = store_new(o, copy)) != NULL && store_start(*store);
}

/* The list is read before anybody is judged by it. */
static bool
start_local_store(struct daemon *d, const struct conf *conf)
{
	struct session_shared *o = &d->services.sessions;

	o->local_store =
	    localstore_new(o->services.local, conf->store.path, conf->store.no_names);
	if (o->local_store == NULL)
		return false;
	sharing_keep(d->services.sharing, o->local_store);
	return localstore_start(o->local_store);
}

/* So are passes, before anybody is given another. */
static bool
start_pass_file(struct daemon *d, const struct conf *conf)
{
	if (conf->store.path == NULL)
		return true;
	d->pass_file = passfile_new(d->services.sessions.services.passes, conf->store.path);
	return d->pass_file != NULL && passfile_start(d->pass_file);
}

/* Make all the parts, lowest first, and start the threads. */
static int
start(struct daemon *d, struct conf *conf)
{
	if (!daemon_services_build(&d->services, conf, d->spawner) || !log_start() ||
	    !loop_start(d->services.loop))
		return EX_OSERR;
	name_watchdog(d);
	d->watchdog = watchdog_new(d->services.loop, d->listen, d->watchdog_name, signals_fd());
	if (d->watchdog == NULL)
		return EX_OSERR;
	if (!start_store(d, conf) || !start_local_store(d, conf) || !start_pass_file(d, conf))
		return EX_OSERR;
	use_limits(d, conf);
	daemon_services_use(&d->services, conf);
	if ((d->datawatch = datawatch_start(DATAWATCH_EVERY_MS)) == NULL)
		return EX_OSERR;
	return control_start(d->control,
		   &(struct verbs_context){.sessions = &d->services.sessions,
		       .reloads = d->reloads,
		       .conf_path = d->options.conf,
		       .started = clock_ms(),
		       .started_wall = clock_wall()})
	    ? EX_OK
	    : EX_OSERR;
}

/* Until a list has been tested nobody is refused by it: give the tests a moment. */
static void
await_tests(const struct conf *conf)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
	int64_t until = clock_ms() + TESTS_MS;

	while (!daemon_services_tested(conf) && clock_ms() < until)
		nanosleep(&step, NULL);
}

/*
 * Start libmilter, and wait until it serves: a stop that comes sooner it would
 * forget, and a signal that main does not take yet it would take itself.
 */
static int
start_milter(struct daemon *d)
{
	signals_take();
	if (pthread_create(&d->milter, NULL, serve, NULL) != 0)
		return EX_OSERR;
	if (probe_run(d->listen, d->watchdog_name, -1, clock_ms() + SERVE_MS) != PROBE_ANSWERED)
		log_event(LOG_LEVEL_WARNING, "slow-start", "socket", d->listen);
	return EX_OK;
}

/* Begin what is wanted, one after the other, and use what has been read. */
static void
look_after_reload(struct daemon *d)
{
	struct conf *conf;
	char *complaints;
	bool asked;

	if (reload_end(&d->reload, &conf, &complaints)) {
		reloads_end(d->reloads, conf != NULL, complaints);
		use_reload(d, conf, complaints);
		watchdog_tell(WATCHDOG_READY);
	}
	if (reload_is_under_way(&d->reload))
		return;
	/* Both are taken: one reload does for all who want one now. */
	asked = reloads_begin(d->reloads);
	if (signals_reload_wanted() || asked) {
		watchdog_tell(WATCHDOG_RELOADING);
		reload_begin(&d->reload);
	}
}

static void
wait_and_reload(struct daemon *d)
{
	d->reload = (struct reload){
	    .registry = d->options.registry, .path = d->options.conf, .ended = signals_wake};
	watchdog_tell(WATCHDOG_READY);
	while (!signals_stop_wanted() && !atomic_load(&milter_ended)) {
		int64_t due = watchdog_check(d->watchdog);

		(void)throttle_check();
		datawatch_check(clock_ms());
		signals_wait(due >= 0 && due < THROTTLE_MS ? due : THROTTLE_MS);
		look_after_reload(d);
	}
	watchdog_tell(WATCHDOG_STOPPING);
}

/* Let the sessions that are open come to their end, as far as time allows. */
static void
drain(void)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
	int64_t until = clock_ms() + DRAIN_MS;

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
	session_stop_all(&d->services.sessions); /* nobody waits for lists any more */
	control_close(d->control);
	policyserver_close(d->policyserver);
	if (!atomic_load(&milter_ended)) {
		drain();
		throttle_open();
		mlfi_stop(d->listen);
		pthread_join(d->milter, NULL);
	}
	datawatch_stop(d->datawatch);
	(void)localstore_stop(d->services.sessions.local_store);
	(void)passfile_stop(d->pass_file);
	if (d->services.sessions.store != NULL)
		(void)store_stop(d->services.sessions.store);
	log_counters("stopped");
	if (d->pid_file != NULL)
		process_remove_pid(d->pid_file);
}

/* Whether there is everybody that the configuration names. */
static bool
knows_all(const struct conf *conf)
{
	return process_knows(conf->user, conf->group) &&
	    process_knows(NULL, conf->socket_group) &&
	    process_knows(NULL, conf->control.group) &&
	    process_knows(NULL, conf->control.status_group) &&
	    process_knows(NULL, conf->control.page_group);
}

/* All that comes before there are threads; in this order, for what each needs. */
static int
begin(struct daemon *d, const struct conf *conf)
{
	int code;

	if ((code = open_socket(d, conf)) != EX_OK)
		return code;
	if (conf->policy != NULL &&
	    (d->policyserver = policyserver_open(conf, &d->services.sessions)) == NULL)
		return EX_UNAVAILABLE;
	if ((d->reloads = reloads_new(signals_wake)) == NULL)
		return EX_OSERR;
	d->control = control_open(conf);
	if ((code = settle_process(d, conf)) != EX_OK)
		return code;
	(void)process_watch_memory();
	enter_sandbox(d, conf);
	return EX_OK;
}

static void
log_started(const struct daemon *d, const struct conf *conf)
{
	struct logline line;

	logline_event(&line, "started");
	logline_str(&line, "socket", d->listen);
	logline_str(&line, "policy", conf->policy);
	logline_end(&line, LOG_LEVEL_INFO);
}

static int
run(struct daemon *d, struct conf *conf)
{
	int code;

	if (!signals_open())
		return EX_OSERR;
	d->files = limit_raise_files(conf->max_sessions);
	if (d->options.to_syslog && !d->options.detach)
		log_to_syslog();
	if ((code = begin(d, conf)) == EX_OK && (code = start(d, conf)) == EX_OK) {
		await_tests(conf);
		code = policyserver_start(d->policyserver) ? start_milter(d) : EX_OSERR;
	}
	process_settle(code);
	if (code != EX_OK)
		return code;
	log_started(d, conf);
	wait_and_reload(d);
	stop(d);
	return signals_stop_wanted() ? EX_OK : EX_SOFTWARE;
}

/* Root has read it all; a reload is done by the user that root becomes at the start. */
static void
read_as_user(const struct conf *conf, const struct options *o)
{
	struct conf *again;
	char *said = NULL;
	size_t size = 0;
	FILE *errors;

	if (geteuid() != 0 || conf->user == NULL || !process_become(conf->user, conf->group) ||
	    (errors = open_memstream(&said, &size)) == NULL)
		return;
	again = conf_load(o->registry, o->conf, errors);
	(void)fclose(errors);
	if (again == NULL)
		fprintf(stderr,
		    "%s%s: warning: the user %s cannot read that: relayguard starts, and no reload "
		    "will work\n",
		    said, o->conf, conf->user);
	else
		datalines_check(again, o->conf, conf->user);
	conf_unref(&again);
	free(said);
}

int
main(int argc, char **argv)
{
	static struct daemon d;
	struct conf *conf;
	int code = options_read(&d.options, argc, argv);

	if (code != EX_OK)
		return code;
	log_set_verbose(d.options.verbose);
	(void)bulk_prepare();
	if (!d.options.check) {
		signals_block(); /* one that comes now waits until it can be heeded */
		d.spawner = spawn_start("relayguard-spf", spfworker_serve);
	}
	conf = conf_load(d.options.registry, d.options.conf, stderr);
	if (conf == NULL || !knows_all(conf))
		code = EX_CONFIG;
	else if (d.options.check) {
		hooklines_print(conf, d.options.conf);
		datalines_print(conf);
		read_as_user(conf, &d.options);
	}
	if (code != EX_OK || d.options.check) {
		conf_unref(&conf);
		return output_end("relayguard", code);
	}
	code = run(&d, conf);
	(void)log_stop(FLUSH_MS);
	_exit(code);
}
