/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load.c - a crowd of clients at a filter, and how it is served: prints one
 * line of JSON.  Options and threads are here, sessions in visit.c.
 */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#include "draw.h"
#include "tally.h"
#include "visit.h"

#define EVENTS 256
#define PATIENCE_NS INT64_C(30000000000) /* without an answer: lost */

static const char usage[] =
    "usage: load [options] unix:PATH | inet:PORT\n"
    "  -c N      sessions at a time (20)\n"
    "  -n N      sessions in all (1000)\n"
    "  -s N      seconds, at most (60)\n"
    "  -t N      threads (1)\n"
    "  -a WHO    cold[:FIRST], loop:N[:FIRST], uniform:N[:FIRST], zipf:S:N[:FIRST],\n"
    "            file:PATH (cold)\n"
    "  -l N      of a thousand clients so many are listed (0)\n"
    "  -6 N      of a thousand so many have IPv6 (0)\n"
    "  -r N      recipients of each (1)\n"
    "  -P        the MTA refuses all of them but the first: it would have to relay\n"
    "  -R N      begin so many a second, by chance, instead of one after the other\n"
    "  -p STEP=MS  pause before connect, helo, mail, rcpt, end, quit\n"
    "  -d MS     the lists take so long: taken off the time to the verdict\n"
    "  -e        send each step at once, as Sendmail does; else as Postfix does\n"
    "  -H        hold all sessions after MAIL, say so, and wait for the end of input\n"
    "  -S N      seed of chance (1)\n";

static const char *const step_names[STEPS] = {
    "negotiate", "connect", "helo", "mail", "rcpt", "end", "quit"};

struct options {
	const char *who;
	unsigned at_once, threads, listed, ipv6;
	uint64_t sessions, seed;
	double seconds, rate;
	struct visit_plan plan;
};

TAILQ_HEAD(queue, visit);

struct worker {
	pthread_t thread;
	const struct options *o;
	const struct draw *draw;
	atomic_ullong *begun; /* of all threads */
	int epoll;
	int64_t end;  /* when no more sessions begin */
	int64_t next; /* when the next one is due, where there is a rate */
	uint64_t dice;
	unsigned slots, open, held;
	bool exhausted; /* no more sessions are to begin */
	struct visit *visits;
	struct queue idle, pausing[STEPS];
	struct tally tally;
};

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(71);
}

/* --- One thread of clients --- */

static void
put_idle(struct worker *w, struct visit *v)
{
	w->open--;
	TAILQ_INSERT_TAIL(&w->idle, v, link);
}

static void
go_on(struct worker *w, struct visit *v)
{
	switch (visit_go(v, &w->o->plan, &w->tally)) {
	case PROGRESS_WAIT:
		break;
	case PROGRESS_PAUSE:
		/* All pauses before a step are as long: they end in the order they began. */
		v->parked = true;
		TAILQ_INSERT_TAIL(&w->pausing[v->next], v, link);
		break;
	case PROGRESS_HELD:
		v->parked = true;
		w->held++;
		break;
	case PROGRESS_DONE:
		put_idle(w, v);
		break;
	}
}

static void
begin(struct worker *w, int64_t due)
{
	struct visit *v = TAILQ_FIRST(&w->idle);
	uint64_t number = atomic_fetch_add(w->begun, 1);
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = v};
	struct client client;

	if (number >= w->o->sessions) {
		w->exhausted = true;
		return;
	}
	client = draw_next(w->draw, number, &w->dice);
	TAILQ_REMOVE(&w->idle, v, link);
	w->open++;
	if (!visit_begin(v, &w->o->plan, &client, due, &w->tally)) {
		put_idle(w, v);
		return;
	}
	if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, v->fd, &event) != 0)
		fail("epoll");
	go_on(w, v);
}

/* Begin what is due. */
static void
begin_due(struct worker *w)
{
	int64_t now = now_ns();

	w->exhausted = w->exhausted || now >= w->end;
	while (!w->exhausted && !TAILQ_EMPTY(&w->idle) && (w->o->rate <= 0 || w->next <= now)) {
		begin(w, w->o->rate > 0 ? w->next : now_ns());
		w->next += w->o->rate <= 0
		    ? 0
		    : (int64_t)(-log(1 - draw_fraction(&w->dice)) / w->o->rate * 1e9);
	}
}

static void
end_pauses(struct worker *w)
{
	int64_t now = now_ns();
	struct visit *v;

	for (unsigned i = 0; i < STEPS; i++) {
		while ((v = TAILQ_FIRST(&w->pausing[i])) != NULL && v->wake <= now) {
			TAILQ_REMOVE(&w->pausing[i], v, link);
			v->parked = false;
			go_on(w, v);
		}
	}
}

/* How long there is nothing to do; capped, so that the end is seen. */
static struct timespec
idle_time(const struct worker *w)
{
	int64_t now = now_ns(), until = now + 100000000;

	for (unsigned i = 0; i < STEPS; i++) {
		const struct visit *v = TAILQ_FIRST(&w->pausing[i]);

		if (v != NULL && v->wake < until)
			until = v->wake;
	}
	if (w->o->rate > 0 && !w->exhausted && !TAILQ_EMPTY(&w->idle) && w->next < until)
		until = w->next;
	until = until > now ? until - now : 0;
	return (struct timespec){until / 1000000000, until % 1000000000};
}

static void
drop_late(struct worker *w)
{
	int64_t limit = now_ns() - PATIENCE_NS;

	for (unsigned i = 0; i < w->slots; i++) {
		struct visit *v = &w->visits[i];

		if (v->fd >= 0 && v->waiting && v->asked < limit) {
			visit_drop(v, &w->tally);
			put_idle(w, v);
		}
	}
}

static void
serve_events(struct worker *w)
{
	struct epoll_event events[EVENTS];
	struct timespec wait = idle_time(w);
	int n = epoll_pwait2(w->epoll, events, EVENTS, &wait, NULL);

	for (int i = 0; i < n; i++) {
		struct visit *v = events[i].data.ptr;

		if (v->fd >= 0 && !v->parked)
			go_on(w, v);
	}
	if (n == 0)
		drop_late(w);
}

/* All sessions stand still: say so, and let them go when input ends. */
static void
release(struct worker *w)
{
	char byte;

	printf("{\"held\":%u}\n", w->held);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	for (unsigned i = 0; i < w->slots; i++) {
		if (w->visits[i].fd < 0)
			continue;
		w->visits[i].next = STEP_QUIT;
		go_on(w, &w->visits[i]);
	}
}

static void *
run_worker(void *arg)
{
	struct worker *w = arg;

	prctl(PR_SET_TIMERSLACK, 1);
	w->next = now_ns();
	for (;;) {
		end_pauses(w);
		begin_due(w);
		if (w->open == 0 && w->exhausted)
			return NULL;
		if (w->held > 0 && w->held == w->open &&
		    (w->exhausted || w->open == w->slots)) {
			release(w);
			return NULL;
		}
		serve_events(w);
	}
}

static void
start_worker(struct worker *w, unsigned slots)
{
	w->slots = slots;
	w->visits = calloc(slots, sizeof(*w->visits));
	w->epoll = epoll_create1(0);
	TAILQ_INIT(&w->idle);
	for (unsigned i = 0; i < STEPS; i++)
		TAILQ_INIT(&w->pausing[i]);
	if (w->visits == NULL || w->epoll < 0)
		fail("thread");
	for (unsigned i = 0; i < slots; i++) {
		w->visits[i].fd = -1;
		TAILQ_INSERT_TAIL(&w->idle, &w->visits[i], link);
	}
	if (pthread_create(&w->thread, NULL, run_worker, w) != 0)
		fail("thread");
}

/* --- Options --- */

static bool
read_socket(struct visit_plan *plan, const char *spec)
{
	struct sockaddr_un *un = (struct sockaddr_un *)(void *)&plan->where;
	struct sockaddr_in *in = (struct sockaddr_in *)(void *)&plan->where;

	if (strncmp(spec, "unix:", 5) == 0 && strlen(spec + 5) < sizeof(un->sun_path)) {
		un->sun_family = AF_UNIX;
		memcpy(un->sun_path, spec + 5, strlen(spec + 5) + 1);
		plan->where_len = sizeof(*un);
		return true;
	}
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	plan->where_len = sizeof(*in);
	if (strncmp(spec, "inet:", 5) != 0)
		return false;
	in->sin_port = htons((uint16_t)strtoul(spec + 5, NULL, 10));
	return in->sin_port != 0;
}

static bool
read_pause(struct visit_plan *plan, const char *word)
{
	const char *ms = strchr(word, '=');

	for (unsigned i = 0; ms != NULL && i < STEPS; i++) {
		if (strlen(step_names[i]) == (size_t)(ms - word) &&
		    strncmp(word, step_names[i], (size_t)(ms - word)) == 0) {
			plan->pause[i] = (int64_t)(strtod(ms + 1, NULL) * 1e6);
			return true;
		}
	}
	return false;
}

static bool
read_option(struct options *o, int option, const char *word)
{
	unsigned number = (unsigned)strtoul(word != NULL ? word : "0", NULL, 10);

	switch (option) {
	case 'c':
		o->at_once = number;
		return number > 0;
	case 'n':
		o->sessions = strtoull(word, NULL, 10);
		return o->sessions > 0;
	case 's':
		o->seconds = strtod(word, NULL);
		return o->seconds > 0;
	case 't':
		o->threads = number;
		return number > 0;
	case 'a':
		o->who = word;
		return true;
	case 'l':
		o->listed = number;
		return true;
	case '6':
		o->ipv6 = number;
		return true;
	case 'r':
		o->plan.recipients = number;
		return number > 0;
	case 'P':
		return o->plan.probes = true;
	case 'R':
		o->rate = strtod(word, NULL);
		return o->rate > 0;
	case 'p':
		return read_pause(&o->plan, word);
	case 'd':
		o->plan.delay = (int64_t)(strtod(word, NULL) * 1e6);
		return true;
	case 'e':
		return o->plan.eager = true;
	case 'H':
		return o->plan.hold = true;
	case 'S':
		o->seed = strtoull(word, NULL, 10);
		return true;
	default:
		return false;
	}
}

static void
read_options(struct options *o, int argc, char **argv)
{
	int option;
	bool good = true;

	while (good && (option = getopt(argc, argv, "c:n:s:t:a:l:6:r:PR:p:d:eHS:")) != -1)
		good = read_option(o, option, optarg);
	if (!good || argc - optind != 1 || !read_socket(&o->plan, argv[optind])) {
		fputs(usage, stderr);
		exit(64);
	}
	if (o->at_once > o->sessions)
		o->at_once = (unsigned)o->sessions;
	if (o->threads > o->at_once || o->plan.hold)
		o->threads = o->plan.hold ? 1 : o->at_once;
}

static void
raise_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

int
main(int argc, char **argv)
{
	static struct options o = {
	    .who = "cold",
	    .at_once = 20,
	    .threads = 1,
	    .sessions = 1000,
	    .seconds = 60,
	    .seed = 1,
	    .plan.recipients = 1,
	};
	static struct tally all;
	atomic_ullong begun = 0;
	struct worker *workers;
	struct draw *draw;
	int64_t start;

	read_options(&o, argc, argv);
	raise_files();
	draw = draw_new(o.who, o.listed, o.ipv6);
	workers = calloc(o.threads, sizeof(*workers));
	if (draw == NULL || workers == NULL)
		fail(o.who);
	start = now_ns();
	for (unsigned i = 0; i < o.threads; i++) {
		struct worker *w = &workers[i];

		w->o = &o;
		w->draw = draw;
		w->begun = &begun;
		w->end = start + (int64_t)(o.seconds * 1e9);
		w->dice = crowd_mix(o.seed * 1000 + i);
		start_worker(w, o.at_once / o.threads);
	}
	for (unsigned i = 0; i < o.threads; i++) {
		pthread_join(workers[i].thread, NULL);
		tally_merge(&all, &workers[i].tally);
	}
	tally_print(&all, (double)(now_ns() - start) / 1e9);
	draw_free(draw);
	free(workers);
	return 0;
}
