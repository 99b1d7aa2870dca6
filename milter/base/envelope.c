/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/envelope.c - whose word on an address counts: the client's or the MTA's.
 * Postfix tells how it has parsed one, before any table rewrites it; Sendmail tells
 * where the mail goes after all of them.
 */
#include "config.h"

#include "base/envelope.h"

#include <string.h>
#include <strings.h>

static bool
is_postfix(enum mta mta, const char *version)
{
	static const char name[] = "Postfix ";

	if (mta != MTA_AUTO)
		return mta == MTA_POSTFIX;
	return version != NULL && strncmp(version, name, sizeof(name) - 1) == 0;
}

/* What the MTA makes of it; an empty word is the null path. */
static bool
read_resolved(struct mailbox *box, const struct envelope_path *path)
{
	*box = (struct mailbox){0};
	if (path->resolved == NULL)
		return false;
	if (path->mailer != NULL && strcmp(path->mailer, "error") == 0)
		return false;
	return path->resolved[0] == '\0' || mailbox_parse(box, path->resolved);
}

/* Whether the two are the same, but for brackets and case. */
static bool
is_same(const char *typed, const char *resolved)
{
	size_t len;

	if (typed == NULL)
		return false;
	len = strlen(typed);
	if (len >= 2 && typed[0] == '<' && typed[len - 1] == '>') {
		typed++;
		len -= 2;
	}
	return strlen(resolved) == len && strncasecmp(typed, resolved, len) == 0;
}

bool
envelope_read(
    struct mailbox *box, enum mta mta, const struct envelope_path *path, const char **text)
{
	struct mailbox typed;
	bool good = mailbox_parse(&typed, path->typed);
	bool one_way = good && !typed.dubious;

	if ((!one_way || is_postfix(mta, path->version)) && read_resolved(box, path)) {
		*text = is_same(path->typed, path->resolved) ? path->typed : path->resolved;
		return true;
	}
	*text = path->typed;
	/* A comment or a percent sign in the local part leaves the domain what it is. */
	good = one_way || (good && typed.domain[0] != '\0');
	*box = good ? typed : (struct mailbox){0};
	return good;
}
