/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/conf.c - reads, copies, compares and frees what is set about Redis.  It
 * stands apart from the client, so that a configuration can be checked without.
 */
#include "config.h"

#include "redis/conf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/ascii.h"
#include "base/number.h"
#include "base/strbuf.h"

#define PORT 6379 /* where none is given */
#define SENTINEL_PORT 26379

#define TEXTS 9
#define SECRETS 2 /* of them, the last ones */

static bool
set_server(struct redis_options *o, const char *host, const char *path, char *why, size_t size)
{
	char *copy = strdup(host != NULL ? host : path);

	if (copy == NULL)
		return strbuf_fail(why, size, "out of memory");
	free(o->host);
	free(o->path);
	o->host = host != NULL ? copy : NULL;
	o->path = host != NULL ? NULL : copy;
	return true;
}

static bool
parse_unix(struct redis_options *o, const char *text, char *why, size_t size)
{
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	size_t len = strcspn(text, "?");
	const char *rest = text + len;
	int64_t db = 0;

	if (text[0] != '/')
		return strbuf_fail(why, size, "the path of a socket begins with /");
	if (len >= sizeof(path))
		return strbuf_fail(why, size, "the path is too long for a socket");
	memcpy(path, text, len);
	path[len] = '\0';
	if (ascii_take(&rest, "?db=") && (db = number_read(&rest, UINT16_MAX)) < 0)
		return strbuf_fail(why, size, "no such database number");
	if (*rest != '\0')
		return strbuf_fail(why, size, "only ?db=NUMBER may follow the path");
	if (!set_server(o, NULL, path, why, size))
		return false;
	o->port = 0;
	o->db = (unsigned)db;
	return true;
}

/* Read "127.0.0.1", "localhost" or "[::1]" and go past it. */
static bool
read_host(const char **text, char host[IPADDR_STRLEN])
{
	const char *start = *text + (**text == '[');
	bool local = strcspn(start, ":/") == 9 && ascii_take(text, "localhost");
	struct ipaddr ignored;
	struct strbuf sb;

	if (!local && !endpoint_host(text, &ignored))
		return false;
	strbuf_init(&sb, host, IPADDR_STRLEN);
	strbuf_addn(&sb, start, (size_t)(*text - start) - ((*text)[-1] == ']'));
	return true;
}

static bool
parse_tcp(struct redis_options *o, const char *text, char *why, size_t size)
{
	char host[IPADDR_STRLEN];
	uint16_t port = PORT;
	int64_t db = 0;

	if (strchr(text, '@') != NULL)
		return strbuf_fail(why, size, "user and password do not belong in the URL");
	if (!read_host(&text, host))
		return strbuf_fail(why, size, "the host is neither an address nor localhost");
	if (!endpoint_port(&text, &port))
		return strbuf_fail(why, size, "no such port");
	if (*text == '/' && *++text != '\0' && (db = number_read(&text, UINT16_MAX)) < 0)
		return strbuf_fail(why, size, "no such database number");
	if (*text != '\0')
		return strbuf_fail(why, size, "something follows what should be the end");
	if (!set_server(o, host, NULL, why, size))
		return false;
	o->port = port;
	o->db = (unsigned)db;
	return true;
}

bool
redis_options_parse(struct redis_options *o, const char *url, char *why, size_t whysize)
{
	bool tls = ascii_take(&url, "rediss://");
	bool good;

	if (tls || ascii_take(&url, "redis://"))
		good = parse_tcp(o, url, why, whysize);
	else if (ascii_take(&url, "unix:"))
		good = parse_unix(o, url, why, whysize);
	else
		return strbuf_fail(
		    why, whysize, "it begins with neither redis:// nor rediss:// nor unix:");
	if (good)
		o->tls = tls;
	return good;
}

bool
redis_options_seed(struct redis_options *o, const char *text, char *why, size_t whysize)
{
	struct endpoint node;

	if (!endpoint_parse(
		&node, text, o->kind == REDIS_SENTINEL ? SENTINEL_PORT : PORT, false))
		return strbuf_fail(why, whysize,
		    "must be like \"127.0.0.1\", \"127.0.0.1:7000\" or \"[::1]:7000\"");
	if (o->nseeds == REDIS_SEEDS_MAX)
		return strbuf_fail(why, whysize, "there are too many");
	o->seed[o->nseeds++] = node;
	return true;
}

/* Every text that options hold, for all that is to be done with each of them. */
static void
list_texts(struct redis_options *o, char **texts[TEXTS])
{
	char **all[TEXTS] = {&o->host, &o->path, &o->service, &o->user, &o->tls_ca,
	    &o->tls_cert, &o->tls_key, &o->password, &o->sentinel_password};

	memcpy(texts, all, sizeof(all));
}

bool
redis_options_copy(struct redis_options *to, const struct redis_options *from)
{
	char **texts[TEXTS];
	bool good = true;

	*to = *from;
	list_texts(to, texts);
	for (size_t i = 0; i < TEXTS; i++) {
		char *text = *texts[i];

		*texts[i] = text != NULL ? strdup(text) : NULL;
		good &= text == NULL || *texts[i] != NULL;
	}
	if (!good)
		redis_options_clear(to);
	return good;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool
redis_options_equal(const struct redis_options *a, const struct redis_options *b)
{
	struct redis_options left = *a, right = *b;
	char **one[TEXTS], **other[TEXTS];
	bool equal = a->kind == b->kind && a->port == b->port && a->db == b->db &&
	    a->nseeds == b->nseeds && a->tls == b->tls && a->tls_sum == b->tls_sum &&
	    a->connect_ms == b->connect_ms && a->command_ms == b->command_ms;

	list_texts(&left, one);
	list_texts(&right, other);
	for (size_t i = 0; equal && i < TEXTS; i++)
		equal = same_text(*one[i], *other[i]);
	for (unsigned i = 0; equal && i < a->nseeds; i++)
		equal = endpoint_equal(&a->seed[i], &b->seed[i]);
	return equal;
}

void
redis_options_clear(struct redis_options *o)
{
	char **texts[TEXTS];

	list_texts(o, texts);
	for (size_t i = 0; i < TEXTS; i++) {
		if (i >= TEXTS - SECRETS && *texts[i] != NULL)
			explicit_bzero(*texts[i], strlen(*texts[i]));
		free(*texts[i]);
	}
	*o = (struct redis_options){0};
}

const char *
redis_options_server(const struct redis_options *o, char out[REDIS_SERVER_MAX])
{
	char name[ENDPOINT_STRLEN];
	struct strbuf text;

	strbuf_init(&text, out, REDIS_SERVER_MAX);
	if (o->kind == REDIS_SENTINEL)
		strbuf_add(&text, o->service);
	else if (o->kind == REDIS_CLUSTER)
		strbuf_add(&text, endpoint_format(&o->seed[0], name));
	else if (o->path != NULL)
		strbuf_addf(&text, "unix:%s", o->path);
	else
		strbuf_addf(&text, strchr(o->host, ':') != NULL ? "[%s]:%u" : "%s:%u", o->host,
		    (unsigned)o->port);
	return out;
}
