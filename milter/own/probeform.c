/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/probeform.c - the forms that testers of relays use, as Postfix shows them to a filter: quotes
 * and routes are what the client typed.
 */
#include "config.h"

#include "own/probeform.h"

#include <string.h>

#include "base/ipaddr.h"
#include "base/strbuf.h"

const char *
probeform_name(enum probe_form form)
{
	static const char *const names[PROBE_FORMS] = {
	    [PROBE_PLAIN] = "plain",
	    [PROBE_PERCENT] = "percent",
	    [PROBE_BANG] = "bang",
	    [PROBE_AT] = "at",
	    [PROBE_ROUTE] = "route",
	    [PROBE_THROUGH] = "through",
	};

	return names[form];
}

/* Take n bytes as the domain that the mail would go on to; false: they are none. */
static bool
take_target(struct probeform *p, const char *text, size_t n)
{
	char name[MAILBOX_LOCAL_MAX + 1];
	struct strbuf sb;

	strbuf_init(&sb, name, sizeof(name));
	strbuf_addn(&sb, text, n);
	return domain_normalise(name, p->target);
}

/* The last @ outside of quotes, where there is another before it; NULL: there are no two. */
static const char *
outer_at(const char *path)
{
	const char *last = NULL, *before = NULL;
	bool quoted = false;

	for (; *path != '\0'; path++) {
		if (*path == '\\' && path[1] != '\0')
			path++;
		else if (*path == '"')
			quoted = !quoted;
		else if (*path == '@' && !quoted) {
			before = last;
			last = path;
		}
	}
	return before != NULL ? last : NULL;
}

/* "u@d@h", which is no path of RFC 5321: some MTAs take it for "u@d"@h. */
static bool
parse_two(struct probeform *p, const char *path)
{
	char inner[MAILBOX_LOCAL_MAX + DOMAIN_NAME_SIZE];
	const char *end = outer_at(path);
	struct strbuf sb;

	if (end == NULL)
		return false;
	path += strspn(path, " \t<");
	strbuf_init(&sb, inner, sizeof(inner));
	strbuf_addn(&sb, path, (size_t)(end - path));
	p->form = PROBE_AT;
	return !sb.cut && mailbox_parse(&p->mailbox, inner) &&
	    domain_normalise(p->mailbox.domain, p->target);
}

/* "u@d": what is behind the last @. */
static bool
find_at(struct probeform *p, const char *local)
{
	const char *at = strrchr(local, '@');

	return at != NULL && take_target(p, at + 1, strlen(at + 1));
}

/* "u%d%h": the last host takes the last % off, so that the first one is where it ends. */
static bool
find_percent(struct probeform *p, const char *local)
{
	const char *at = strchr(local, '%');

	return at != NULL && take_target(p, at + 1, strcspn(at + 1, "%"));
}

/* "h!d!u": the host before the user. */
static bool
find_bang(struct probeform *p, const char *local)
{
	const char *end = strrchr(local, '!'), *begin = end;

	while (begin != NULL && begin > local && begin[-1] != '!')
		begin--;
	return begin != NULL && take_target(p, begin, (size_t)(end - begin));
}

/* Whether a path begins with hosts that the mail is to go by. */
static bool
has_route(const char *path, const struct mailbox *m)
{
	path += strspn(path, " \t<");
	return *path == '@' || (*path != '"' && strchr(m->local, ':') != NULL);
}

bool
probeform_parse(struct probeform *p, const char *path)
{
	static const struct {
		enum probe_form form;
		bool (*find)(struct probeform *, const char *local);
	} embedded[] = {
	    {PROBE_AT, find_at}, {PROBE_PERCENT, find_percent}, {PROBE_BANG, find_bang}};

	p->target[0] = '\0';
	p->through = false;
	if (!mailbox_parse(&p->mailbox, path))
		return parse_two(p, path);
	p->form = PROBE_ROUTE;
	if (has_route(path, &p->mailbox) && domain_normalise(p->mailbox.domain, p->target))
		return true;
	for (size_t i = 0; i < sizeof(embedded) / sizeof(embedded[0]); i++) {
		p->form = embedded[i].form;
		if (!embedded[i].find(p, p->mailbox.local))
			continue;
		p->through = strpbrk(p->mailbox.domain, "[.") != NULL;
		return true;
	}
	p->form = PROBE_PLAIN;
	return p->mailbox.domain[0] != '\0' &&
	    strbuf_copy(p->target, sizeof(p->target), p->mailbox.domain);
}

enum probe_form
probeform_count_as(const struct probeform *p)
{
	return p->through ? PROBE_THROUGH : p->form;
}

bool
probeform_is_notice(const struct mailbox *sender)
{
	static const char postfix[] = "double-bounce"; /* a number may follow */

	if (sender->domain[0] == '\0')
		return sender->local[0] == '\0';
	return strncmp(sender->local, postfix, sizeof(postfix) - 1) == 0;
}

/* Whether a domain is an address that is nobody's but of one network. */
static bool
is_private_literal(const char *domain)
{
	struct ipaddr addr;

	return domain[0] == '[' &&
	    ipaddr_parse_part(&addr, domain + 1, strcspn(domain + 1, "]")) &&
	    !ipaddr_is_global(&addr);
}

enum probe_sender
probeform_sender(const struct mailbox *m, probeform_is_own *is_own, const void *arg)
{
	if (probeform_is_notice(m))
		return PROBE_SENDER_NULL;
	if (m->domain[0] == '\0')
		return PROBE_SENDER_BARE;
	if (is_own(arg, m->domain))
		return PROBE_SENDER_OWN;
	if (is_private_literal(m->domain) || strchr(m->domain, '.') == NULL)
		return PROBE_SENDER_LOCALHOST;
	return m->domain[0] == '[' ? PROBE_SENDER_LITERAL : PROBE_SENDER_OUTSIDE;
}

bool
probeform_helo_is_name(const char *helo)
{
	char name[DOMAIN_NAME_SIZE];

	return domain_normalise(helo, name);
}
