/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_node.c - the daemons of a scenario: the one that "conf" starts, and
 * others by the same configuration, at the same resolver and Redis.  Time passes
 * for all; clients come to one of them.
 */
#include "config.h"

#include "scenario.h"

#include <string.h>

#include "base/strbuf.h"
#include "conf/conf.h"
#include "fakes/fake_loop.h"
#include "loop/loop.h"
#include "session/mlfi.h"

/* Clients come to it from now on. */
static void
bring_forward(struct scenario *s, struct node *n)
{
	char socket[DIR_SIZE + 16];

	s->here = n;
	s->loop = n->services.loop;
	snprintf(socket, sizeof(socket), "unix:%s/socket", s->dir);
	if (!mlfi_open(socket, &n->services.sessions))
		broken(s, "mlfi_open() failed on", socket);
	crowd_move();
}

/* It keeps the configuration that it has, for the time when it is in front again. */
static void
send_back(struct scenario *s)
{
	clients_quit(s);
	fake_loop_turn(s->loop);
	s->here->conf = conf_current();
}

static struct node *
node_of(struct scenario *s, const char *name)
{
	struct node *n;

	for (size_t i = 0; i < s->nnodes; i++)
		if (strcmp(s->node[i].name, name) == 0)
			return &s->node[i];
	if (s->nnodes == NODES_MAX)
		broken(s, "too many nodes:", name);
	n = &s->node[s->nnodes++];
	*n = (struct node){0};
	(void)strbuf_copy(n->name, sizeof(n->name), name);
	return n;
}

void
node_start(struct scenario *s, const char *name, struct conf *conf)
{
	struct node *n = node_of(s, name);

	if (!daemon_services_build(&n->services, conf, 0))
		broken(s, "out of memory for", "the world");
	loop_start(n->services.loop);
	daemon_services_use(&n->services, conf);
	fake_loop_turn(n->services.loop);
	bring_forward(s, n);
}

static void
node_stop(struct node *n)
{
	loop_stop(n->services.loop);
	timer_free(n->stop_timer);
	n->stop_timer = NULL;
	conf_unref(&n->conf);
	daemon_services_free(&n->services);
}

void
nodes_stop(struct scenario *s)
{
	conf_install(NULL);
	while (s->nnodes > 0)
		node_stop(&s->node[--s->nnodes]);
	s->here = NULL;
}

/* "restart": the daemon ends, and starts anew by the configuration that it had last. */
void
do_restart(struct scenario *s)
{
	if (s->here == NULL)
		broken(s, "there is no configuration yet for", s->whole);
	clients_quit(s);
	conf_install(NULL);
	node_stop(s->here);
	node_start(s, s->here->name, daemon_services_load(s));
}

/* "node NAME": clients come to that daemon from now on, which starts if it is new. */
void
do_node(struct scenario *s)
{
	const char *name = need_word(s);
	struct node *n;

	if (s->here == NULL)
		broken(s, "there is no configuration yet for", s->whole);
	send_back(s);
	n = node_of(s, name);
	if (n->services.loop == NULL) {
		node_start(s, name, daemon_services_load(s));
		return;
	}
	conf_install(n->conf);
	n->conf = NULL;
	bring_forward(s, n);
}
