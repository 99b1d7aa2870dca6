/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/socketspec.c - socket specifications, checked by us: libmilter listens on
 * all interfaces where it is not told, and wraps ports that do not fit.
 */
#include "config.h"

#include "os/socketspec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/endpoint.h"
#include "base/number.h"
#include "base/strbuf.h"

static const char POSTFIX_QUEUE[] = "/var/spool/postfix/";

/* Read "PORT@ADDRESS" or "ADDRESS:PORT", with brackets or without; NULL, or what is wrong. */
static const char *
read_endpoint(struct endpoint *e, const char *text)
{
	const char *at = strchr(text, '@'), *mark = at != NULL ? at : strrchr(text, ':');
	const char *port, *host;
	size_t len;
	int64_t number;

	if (mark == NULL)
		return "write \"inet:PORT@ADDRESS\", such as \"inet:8891@127.0.0.1\"";
	port = at != NULL ? text : mark + 1;
	host = at != NULL ? at + 1 : text;
	number = number_read(&port, UINT16_MAX);
	if (number < 1 || *port != (at != NULL ? '@' : '\0'))
		return "the port must be a number from 1 to 65535";
	e->port = (uint16_t)number;
	len = at != NULL ? strlen(host) : (size_t)(mark - host);
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	return ipaddr_parse_part(&e->address, host, len)
	    ? NULL
	    : "the address must be an IPv4 or IPv6 address";
}

static bool
parse_inet(struct socketspec *spec, const char *rest, char *why, size_t whysize)
{
	char address[IPADDR_STRLEN], text[ENDPOINT_STRLEN];
	struct endpoint e;
	const char *fault = read_endpoint(&e, rest);

	if (fault != NULL)
		return strbuf_fail(why, whysize, "%s", fault);
	snprintf(spec->milter, sizeof(spec->milter),
	    e.address.bits == 128 ? "inet6:%u@[%s]" : "inet:%u@%s", (unsigned)e.port,
	    ipaddr_format(&e.address, address));
	snprintf(spec->postfix, sizeof(spec->postfix), "inet:%s", endpoint_format(&e, text));
	return true;
}

/* Whether a part of a path, after a slash, is that word. */
static bool
is_part(const char *part, const char *word)
{
	size_t len = strlen(word);

	return strncmp(part, word, len) == 0 && (part[len] == '/' || part[len] == '\0');
}

/*
 * Copy a path without what means nothing in it, //, /./ and a last /, which would keep
 * Postfix's folder from being seen; false: it goes up, where a link may lead elsewhere.
 */
static bool
tidy(struct strbuf *out, const char *path)
{
	while (*path != '\0') {
		size_t len = strcspn(path + 1, "/") + 1; /* of a slash and what follows */

		if (is_part(path + 1, ".."))
			return false;
		if (len > 1 && !is_part(path + 1, "."))
			strbuf_addn(out, path, len);
		path += len;
	}
	return true;
}

static bool
parse_unix(struct socketspec *spec, const char *text, char *why, size_t whysize)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *seen = path;
	struct strbuf sb;

	strbuf_init(&sb, path, sizeof(path));
	if (text[0] != '/')
		return strbuf_fail(why, whysize, "the path of a socket must begin with /");
	if (!tidy(&sb, text))
		return strbuf_fail(why, whysize, "the path of a socket must not have .. in it");
	if (sb.len == 0)
		return strbuf_fail(why, whysize, "the path of a socket must not be a folder");
	/* libmilter prefixes nothing, but Postfix adds "unix:" and both add a NUL. */
	if (sb.cut || sb.len >= sizeof(path) - 1)
		return strbuf_fail(why, whysize, "the path of the socket is too long");
	(void)ascii_take(&seen, POSTFIX_QUEUE);
	strbuf_copy(spec->path, sizeof(spec->path), path);
	snprintf(spec->milter, sizeof(spec->milter), "unix:%s", path);
	snprintf(spec->postfix, sizeof(spec->postfix), "unix:%s", seen);
	return true;
}

bool
socketspec_parse(struct socketspec *spec, const char *text, char *why, size_t whysize)
{
	memset(spec, 0, sizeof(*spec));
	if (ascii_take(&text, "inet:") || ascii_take(&text, "inet6:"))
		return parse_inet(spec, text, why, whysize);
	if (ascii_take(&text, "unix:") || ascii_take(&text, "local:") || text[0] == '/')
		return parse_unix(spec, text, why, whysize);
	return strbuf_fail(why, whysize, "a socket is \"inet:PORT@ADDRESS\" or \"unix:/PATH\"");
}

bool
socketspec_take_policy(const char **text)
{
	return ascii_take(text, "policy:");
}

/* Connect a socket of that kind; -1: it could not be. */
static int
connect_to(const struct sockaddr *sa, socklen_t len, bool wait)
{
	int fd =
	    socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC | (wait ? 0 : SOCK_NONBLOCK), 0);

	if (fd >= 0 && (connect(fd, sa, len) == 0 || (!wait && errno == EINPROGRESS)))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int
connect_unix(const char *path, bool wait)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	strbuf_copy(sun.sun_path, sizeof(sun.sun_path), path);
	return connect_to((struct sockaddr *)&sun, sizeof(sun), wait);
}

static int
connect_inet(const char *rest, bool wait)
{
	struct sockaddr_storage sa;
	struct endpoint e;

	if (read_endpoint(&e, rest) != NULL)
		return -1;
	return connect_to((struct sockaddr *)&sa, endpoint_sockaddr(&e, &sa), wait);
}

int
socketspec_connect(const char *milter, bool wait)
{
	if (ascii_take(&milter, "unix:"))
		return connect_unix(milter, wait);
	return connect_inet(strchr(milter, ':') + 1, wait);
}

bool
socketspec_poke(const char *milter)
{
	int fd = socketspec_connect(milter, true);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
