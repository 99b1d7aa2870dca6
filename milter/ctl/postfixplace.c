/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/postfixplace.c - one socket may be written in several ways. */
#include "config.h"

#include "ctl/postfixplace.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/endpoint.h"
#include "base/ipaddr.h"
#include "base/strbuf.h"

void
postfixplace_of(const char *item, char out[POSTFIXPLACE_MAX])
{
	(void)postfixconf_item(&item, out, POSTFIXPLACE_MAX);
}

/* Whether "host:port" leads to us; a name but localhost is not looked up, and believed. */
static bool
is_our_port(const char *ours, const char *text)
{
	struct endpoint a, b;
	const char *colon = strrchr(text, ':'), *own = strrchr(ours, ':');

	if (colon == NULL || own == NULL || strcmp(colon, own) != 0)
		return false;
	if (!endpoint_parse(&a, ours, 0, false) || !endpoint_parse(&b, text, 0, false))
		return true;
	return ipaddr_compare(&a.address, &b.address) == 0 ||
	    strncmp(ours, "0.0.0.0:", 8) == 0 || strncmp(ours, "[::]:", 5) == 0;
}

/* Postfix takes a path that is not a full one for one in its queue directory. */
static bool
is_our_path(const struct postfixconf *p, const char *ours, const char *path)
{
	char full[POSTFIXPLACE_MAX], queue[POSTFIXPLACE_MAX];
	struct strbuf sb;

	(void)postfixconf_get(p, NULL, "queue_directory", queue, sizeof(queue));
	strbuf_init(&sb, full, sizeof(full));
	if (path[0] != '/')
		strbuf_addf(&sb, "%s/", queue);
	strbuf_add(&sb, path);
	return strcmp(full, ours) == 0;
}

bool
postfixplace_is_ours(
    const struct postfixconf *p, const char *place, const char *ours, const char *path)
{
	if (ascii_take(&place, "unix:"))
		return path != NULL && is_our_path(p, path, place);
	return ascii_take(&place, "inet:") && ascii_take(&ours, "inet:") &&
	    is_our_port(ours, place);
}

bool
postfixplace_option(const char *item, const char *option, char out[POSTFIXPLACE_MAX])
{
	const char *at = strstr(item, option);
	size_t len;

	if (at == NULL)
		return false;
	at += strlen(option);
	at += strspn(at, " =");
	len = strcspn(at, " ,");
	if (len > POSTFIXPLACE_MAX - 1)
		len = POSTFIXPLACE_MAX - 1;
	memcpy(out, at, len);
	out[len] = '\0';
	return true;
}

bool
postfixplace_is_chrooted(const struct postfixconf *p, const struct postfix_service *service)
{
	char level[POSTFIXPLACE_MAX];

	if (service->chroot != '-')
		return service->chroot == 'y';
	(void)postfixconf_get(p, NULL, "compatibility_level", level, sizeof(level));
	return strtol(level, NULL, 10) < 1; /* the default before Postfix 3.0 */
}
