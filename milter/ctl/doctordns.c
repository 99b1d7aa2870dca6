/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctordns.c - a name that nobody can have is asked for: by UDP and by TCP there must
 * be the same answer, that it is not there.
 */
#include "config.h"

#include "ctl/doctordns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "base/ipaddr.h"
#include "conf/conf.h"
#include "conf/lintlist.h"
#include "ctl/doctorask.h"
#include "dns/server.h"

#define PATIENCE_MS 5000
#define LABEL 20
#define NAME_SIZE (LABEL + sizeof(".com"))

static bool
is_loopback(const char *server)
{
	struct endpoint at;

	if (!dnsserver_parse(&at, server))
		return false;
	return at.address.bits == 32 ? at.address.byte[0] == 127
				     : strncmp(server, "[::1]", 5) == 0;
}

static void
look_at_place(struct machine *m, const char *server)
{
	if (lintlist_is_public(server))
		machine_add(m, FINDING_WARNING, "resolver-place",
		    "run one of your own on this machine, such as unbound: many lists do not "
		    "answer public ones, or answer them wrongly",
		    "%s is a public resolver", server);
	else
		machine_add(m, FINDING_OK, "resolver-place", NULL, "%s is %s", server,
		    is_loopback(server) ? "on this machine" : "on another machine");
}

/* What is wrong with the answer about a name that is not there; true: nothing. */
static bool
look_at_absence(struct machine *m, const char *server, const struct doctorask_answer *a)
{
	switch (a->reply.status) {
	case DNS_TIMEOUT:
		machine_add(m, FINDING_ERROR, "resolver-answers",
		    "see that it runs, listens there, and is let through by firewalls",
		    a->refused ? "nobody listens at %s (connection refused)"
			       : "%s gives no answer within %d s",
		    server, PATIENCE_MS / 1000);
		return false;
	case DNS_FOUND:
		machine_add(m, FINDING_ERROR, "resolver-nxdomain",
		    "use one that says NXDOMAIN, best one of your own: each client looks listed",
		    "%s gives an address to a name that nobody has: it rewrites NXDOMAIN",
		    server);
		return false;
	case DNS_FAILED:
		break;
	case DNS_ABSENT:
		machine_add(m, FINDING_OK, "resolver-answers", NULL,
		    "%s answers, and says that an unknown name is not there", server);
		return true;
	}
	if (a->reply.rcode == DNS_REFUSED)
		machine_add(m, FINDING_ERROR, "resolver-answers",
		    "let this machine in: unbound access-control, BIND allow-recursion",
		    "%s refuses to answer us", server);
	else
		machine_add(m, FINDING_WARNING, "resolver-answers",
		    "look into its log; see whether it reaches the root servers, by UDP and TCP",
		    "%s fails at an unknown name below com", server);
	return false;
}

static void
look_at_tcp(struct machine *m, struct doctorask *ask)
{
	struct doctorask_answer a;

	ask->tcp = true;
	doctorask(ask, machine_until(m, PATIENCE_MS), &a);
	if (a.reply.status == DNS_TIMEOUT)
		machine_add(m, FINDING_WARNING, "resolver-tcp",
		    "let TCP to port 53 through: what does not fit into UDP is not heard",
		    "%s answers by UDP, and not by TCP", ask->server);
	else
		machine_add(
		    m, FINDING_OK, "resolver-tcp", NULL, "%s answers by TCP", ask->server);
}

static void
look_at_case(struct machine *m, const char *server, const struct doctorask_answer *a)
{
	if (a->folded)
		machine_add(m, FINDING_WARNING, "resolver-case",
		    "look for a firewall or proxy that takes DNS apart on the way",
		    "%s answers in other letter case than it is asked: forged answers are "
		    "easier to slip in",
		    server);
	else
		machine_add(
		    m, FINDING_OK, "resolver-case", NULL, "%s keeps letter case", server);
}

static void
look_at_server(struct machine *m, const char *server)
{
	char name[NAME_SIZE];
	struct doctorask ask = {.server = server, .name = name};
	struct doctorask_answer a;

	doctorask_random(name, LABEL);
	(void)strcat(name, ".com");
	look_at_place(m, server);
	doctorask(&ask, machine_until(m, PATIENCE_MS), &a);
	if (!look_at_absence(m, server, &a))
		return;
	look_at_case(m, server, &a);
	look_at_tcp(m, &ask);
}

void
doctordns_look(struct machine *m)
{
	if (m->conf == NULL)
		machine_add(m, FINDING_UNSEEN, "resolver-place", NULL, MACHINE_NEEDS_CONF);
	else if (m->nresolvers == 0)
		machine_add(m, FINDING_UNSEEN, "resolver-place", NULL, "out of memory");
	for (size_t i = 0; i < m->nresolvers; i++) {
		machine_tick(m);
		if (machine_is_late(m, "resolver-answers", m->resolver[i]))
			continue;
		look_at_server(m, m->resolver[i]);
	}
}
