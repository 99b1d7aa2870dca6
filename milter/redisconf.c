/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redisconf.c - reads, copies, compares and frees what is set about Redis.  It
 * stands apart from the client, so that a configuration can be checked without.
 */
#include "config.h"

#include "redisconf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "ipaddr.h"
#include "strbuf.h"

#define PORT 6379 /* where none is given */

static bool
explain(char *why, size_t whysize, const char *text)
{
	(void)strbuf_copy(why, whysize, text);
	return false;
}

/* Read a decimal number of at most five digits and go past it. */
static bool
read_number(const char **text, unsigned min, unsigned max, unsigned *n)
{
	size_t len = strspn(*text, "0123456789");

	if (len < 1 || len > 5)
		return false;
	*n = (unsigned)strtoul(*text, NULL, 10);
	*text += len;
	return *n >= min && *n <= max;
}

static bool
set_server(struct redis_options *o, const char *host, const char *path, char *why, size_t size)
{
	char *copy = strdup(host != NULL ? host : path);

	if (copy == NULL)
		return explain(why, size, "out of memory");
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
	unsigned db = 0;

	if (text[0] != '/')
		return explain(why, size, "the path of a socket begins with /");
	if (len >= sizeof(path))
		return explain(why, size, "the path is too long for a socket");
	memcpy(path, text, len);
	path[len] = '\0';
	if (strncmp(rest, "?db=", 4) == 0) {
		rest += 4;
		if (!read_number(&rest, 0, UINT16_MAX, &db))
			return explain(why, size, "no such database number");
	}
	if (*rest != '\0')
		return explain(why, size, "only ?db=NUMBER may follow the path");
	if (!set_server(o, NULL, path, why, size))
		return false;
	o->port = 0;
	o->db = db;
	return true;
}

/* Read "127.0.0.1", "localhost" or "[::1]" and go past it. */
static bool
read_host(const char **text, char host[IPADDR_STRLEN])
{
	bool brackets = **text == '[';
	const char *start = *text + brackets;
	size_t len = strcspn(start, brackets ? "]" : ":/");
	struct ipaddr addr;

	if (len >= IPADDR_STRLEN || (brackets && start[len] != ']'))
		return false;
	memcpy(host, start, len);
	host[len] = '\0';
	*text = start + len + brackets;
	if (!brackets && strcmp(host, "localhost") == 0)
		return true;
	return ipaddr_parse(&addr, host) && brackets == (strchr(host, ':') != NULL);
}

static bool
parse_tcp(struct redis_options *o, const char *text, char *why, size_t size)
{
	char host[IPADDR_STRLEN];
	unsigned port = PORT, db = 0;

	if (strchr(text, '@') != NULL)
		return explain(why, size, "user and password do not belong in the URL");
	if (!read_host(&text, host))
		return explain(why, size, "the host is neither an address nor localhost");
	if (*text == ':') {
		text++;
		if (!read_number(&text, 1, UINT16_MAX, &port))
			return explain(why, size, "no such port");
	}
	if (*text == '/' && *++text != '\0' && !read_number(&text, 0, UINT16_MAX, &db))
		return explain(why, size, "no such database number");
	if (*text != '\0')
		return explain(why, size, "something follows what should be the end");
	if (!set_server(o, host, NULL, why, size))
		return false;
	o->port = (uint16_t)port;
	o->db = db;
	return true;
}

bool
redis_options_parse(struct redis_options *o, const char *url, char *why, size_t whysize)
{
	if (strncmp(url, "redis://", 8) == 0)
		return parse_tcp(o, url + 8, why, whysize);
	if (strncmp(url, "unix:", 5) == 0)
		return parse_unix(o, url + 5, why, whysize);
	return explain(why, whysize, "it begins with neither redis:// nor unix:");
}

static bool
copy_text(char **out, const char *text)
{
	*out = text != NULL ? strdup(text) : NULL;
	return text == NULL || *out != NULL;
}

bool
redis_options_copy(struct redis_options *to, const struct redis_options *from)
{
	bool good;

	*to = *from;
	good = copy_text(&to->host, from->host);
	good &= copy_text(&to->path, from->path);
	good &= copy_text(&to->user, from->user);
	good &= copy_text(&to->password, from->password);
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
	return same_text(a->host, b->host) && a->port == b->port &&
	    same_text(a->path, b->path) && a->db == b->db && same_text(a->user, b->user) &&
	    same_text(a->password, b->password) && a->connect_ms == b->connect_ms &&
	    a->command_ms == b->command_ms;
}

void
redis_options_clear(struct redis_options *o)
{
	if (o->password != NULL)
		explicit_bzero(o->password, strlen(o->password));
	free(o->host);
	free(o->path);
	free(o->user);
	free(o->password);
	*o = (struct redis_options){0};
}

const char *
redis_options_server(const struct redis_options *o, char out[REDIS_SERVER_MAX])
{
	struct strbuf text;

	strbuf_init(&text, out, REDIS_SERVER_MAX);
	if (o->path != NULL)
		strbuf_addf(&text, "unix:%s", o->path);
	else
		strbuf_addf(&text, strchr(o->host, ':') != NULL ? "[%s]:%u" : "%s:%u", o->host,
		    (unsigned)o->port);
	return out;
}
