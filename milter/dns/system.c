/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/system.c - c-ares reads /etc/resolv.conf, with all that it may hold.
 */
#include "config.h"

#include "dns/system.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

/* The calls that 1.18 and 1.34 share; the newer one would rather not. */
#define CARES_NO_DEPRECATED
#include <ares.h>

#include "base/strbuf.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define SERVER_TEXT_MAX (INET6_ADDRSTRLEN + sizeof("[]:65535,"))

#if ARES_VERSION >= 0x011800
/* This one knows the interface of a link-local address, too. */
static char *
list_servers(ares_channel ares)
{
	char *theirs = ares_get_servers_csv(ares);
	char *text = theirs != NULL ? strdup(theirs) : NULL;

	ares_free_string(theirs);
	return text;
}
#else
static char *
join_servers(const struct ares_addr_port_node *first)
{
	char address[INET6_ADDRSTRLEN], *text;
	struct strbuf all;
	size_t n = 0;

	for (const struct ares_addr_port_node *s = first; s != NULL; s = s->next)
		n++;
	text = malloc(n * SERVER_TEXT_MAX + 1);
	if (text == NULL)
		return NULL;
	strbuf_init(&all, text, n * SERVER_TEXT_MAX + 1);
	for (const struct ares_addr_port_node *s = first; s != NULL; s = s->next) {
		if (inet_ntop(s->family, &s->addr, address, sizeof(address)) != NULL)
			strbuf_addf(&all, s->family == AF_INET6 ? "%s[%s]:%d" : "%s%s:%d",
			    all.len > 0 ? "," : "", address,
			    s->udp_port != 0 ? s->udp_port : NS_DEFAULTPORT);
	}
	return text;
}

static char *
list_servers(ares_channel ares)
{
	struct ares_addr_port_node *servers = NULL;
	char *text = NULL;

	if (ares_get_servers_ports(ares, &servers) == ARES_SUCCESS)
		text = join_servers(servers);
	ares_free_data(servers);
	return text;
}
#endif

static bool
look(const char *path, struct dnssystem_look *out)
{
	struct stat st;

	if (stat(path, &st) != 0 || st.st_size == 0)
		return false;
	out->device = (int64_t)st.st_dev;
	out->inode = (int64_t)st.st_ino;
	out->size = st.st_size;
	out->seconds = st.st_mtim.tv_sec;
	out->nanoseconds = st.st_mtim.tv_nsec;
	return true;
}

static bool
same(const struct dnssystem_look *a, const struct dnssystem_look *b)
{
	return memcmp(a, b, sizeof(*a)) == 0; /* five numbers of one size, without gaps */
}

void
dnssystem_note(struct dnssystem_file *file, const char *path)
{
	if (!look(path != NULL ? path : RESOLV_CONF, &file->read))
		file->read = (struct dnssystem_look){0};
	file->seen = file->read;
}

bool
dnssystem_changed(struct dnssystem_file *file, const char *path)
{
	struct dnssystem_look now;
	bool settled;

	if (!look(path != NULL ? path : RESOLV_CONF, &now))
		return false;
	settled = same(&file->seen, &now);
	file->seen = now;
	if (!settled || same(&file->read, &now))
		return false;
	file->read = now;
	return true;
}

char *
dnssystem_servers(void)
{
	ares_channel ares;
	char *text;

	ares_library_init(ARES_LIB_INIT_ALL);
	if (ares_init(&ares) != ARES_SUCCESS)
		return NULL;
	text = list_servers(ares);
	ares_destroy(ares);
	return text;
}
