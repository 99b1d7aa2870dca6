/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_spflink.c - spf/link.h on the loop's timers alone.  After each message a
 * process has exactly one thing to say, or dies; so it is waited for in real time
 * while virtual time stands, and every run is the same.
 */
#include "config.h"

#include "spf/link.h"

#include <sys/socket.h>

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "fakes/fake_spflink.h"
#include "loop/loop.h"
#include "os/spawn.h"
#include "spf/worker.h"

#define PATIENCE_MS 20000 /* of real time */

struct spflink {
	struct spflink *next;
	unsigned number;
	int fd; /* -1: it is played */
	bool dead;
	struct timer *timer; /* runs while it has something to say */
	unsigned char packet[SPFWIRE_MAX];
	size_t len; /* of what it says; 0: it is its end */
	spflink_heard *heard;
	spflink_ended *ended;
	void *arg;
};

static struct spflink *links;
static unsigned started;
static bool refusing;
static fake_worker *worker;
static int own_spawner = -1; /* started when a real process is first wanted */

void
fake_spflink_play(fake_worker *w)
{
	worker = w;
}

void
fake_spflink_refuse(bool refuse)
{
	refusing = refuse;
}

unsigned
fake_spflink_started(void)
{
	return started;
}

unsigned
fake_spflink_alive(void)
{
	unsigned n = 0;

	for (const struct spflink *link = links; link != NULL; link = link->next)
		n += !link->dead;
	return n;
}

void
fake_spflink_reset(void)
{
	assert(links == NULL);
	started = 0;
	refusing = false;
	worker = NULL;
	if (own_spawner >= 0)
		close(own_spawner);
	own_spawner = -1;
}

static int
start_real(void)
{
	if (own_spawner < 0) {
		own_spawner = spawn_start("fake-spflink", spfworker_serve);
		if (own_spawner < 0 || !spawn_become(own_spawner, NULL, NULL))
			abort();
	}
	return spawn_child(own_spawner);
}

static void
die(struct spflink *link)
{
	link->dead = true;
	link->len = 0;
	timer_start(link->timer, 0);
}

void
fake_spflink_kill(unsigned number)
{
	for (struct spflink *link = links; link != NULL; link = link->next)
		if (link->number == number)
			die(link);
}

/* What a real process says. */
static void
listen_to(struct spflink *link)
{
	struct pollfd p = {.fd = link->fd, .events = POLLIN};
	ssize_t n = 0;

	if (poll(&p, 1, PATIENCE_MS) == 1)
		n = recv(link->fd, link->packet, sizeof(link->packet), MSG_DONTWAIT);
	link->len = n > 0 ? (size_t)n : 0;
}

static void
on_time(void *arg)
{
	struct spflink *link = arg;
	struct spf_message message;

	if (link->fd >= 0)
		listen_to(link);
	if (link->len > 0 && spfwire_read(&message, link->packet, link->len)) {
		link->heard(link->arg, &message);
		return;
	}
	link->dead = true;
	link->ended(link->arg);
}

struct spflink *
spflink_new(
    struct loop *loop, int spawner, spflink_heard *heard, spflink_ended *ended, void *arg)
{
	struct spflink *link = refusing ? NULL : calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	(void)spawner;
	link->fd = worker == NULL ? start_real() : -1;
	if ((worker == NULL && link->fd < 0) ||
	    (link->timer = timer_new(loop, on_time, link)) == NULL) {
		free(link);
		return NULL;
	}
	link->number = started++;
	link->heard = heard;
	link->ended = ended;
	link->arg = arg;
	link->next = links;
	links = link;
	return link;
}

/* What a played process says to a packet. */
static void
play(struct spflink *link, size_t len)
{
	static unsigned char packet[SPFWIRE_MAX];
	struct spf_message heard, says = {.verb = SPF_RESULT};

	if (!spfwire_read(&heard, link->packet, len))
		abort();
	says.number = heard.number;
	switch (worker(link->number, &heard, &says)) {
	case FAKE_SAYS:
		if ((link->len = spfwire_write(packet, &says)) == 0)
			abort();
		for (size_t i = 0; i < link->len; i++)
			link->packet[i] = packet[i];
		break;
	case FAKE_BABBLES:
		link->packet[0] = 0xff;
		link->len = 1;
		break;
	case FAKE_SILENT:
		return;
	case FAKE_DIES:
		link->dead = true;
		link->len = 0;
		break;
	}
	timer_start(link->timer, 0);
}

bool
spflink_send(struct spflink *link, const struct spf_message *message)
{
	size_t len = link->dead ? 0 : spfwire_write(link->packet, message);

	if (len == 0)
		return false;
	if (link->fd < 0) {
		play(link, len);
		return true;
	}
	timer_start(link->timer, 0);
	return send(link->fd, link->packet, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
}

void
spflink_free(struct spflink *link)
{
	struct spflink **at = &links;

	if (link == NULL)
		return;
	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	timer_free(link->timer);
	if (link->fd >= 0)
		close(link->fd);
	free(link);
}
