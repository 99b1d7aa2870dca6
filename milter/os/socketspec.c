/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/socketspec.c - socket specifications, checked by us: libmilter listens on
 * all interfaces where it is not told, and wraps ports that do not fit.
 */
#include "config.h"

#include "os/socketspec.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ipaddr.h"
#include "base/strbuf.h"

static const char POSTFIX_QUEUE[] = "/var/spool/postfix/";

/* The halves of an inet specification. */
struct endpoint {
	char address[64];
	char port[8];
};

static bool
starts(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

/* Copy len bytes; false if they do not fit. */
static bool
take(char *out, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return false;
	memcpy(out, from, len);
	out[len] = '\0';
	return true;
}

/* Part "PORT@ADDRESS" or "ADDRESS:PORT"; brackets go. */
static bool
part(struct endpoint *e, const char *rest)
{
	const char *at = strchr(rest, '@'), *colon = strrchr(rest, ':');
	const char *address = rest, *port;
	size_t len;

	if (at != NULL) {
		address = at + 1;
		len = strlen(address);
		if (!take(e->port, sizeof(e->port), rest, (size_t)(at - rest)))
			return false;
	} else if (colon != NULL) {
		port = colon + 1;
		len = (size_t)(colon - rest);
		if (!take(e->port, sizeof(e->port), port, strlen(port)))
			return false;
	} else {
		return false;
	}
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	return take(e->address, sizeof(e->address), address, len);
}

static unsigned
port_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	long port = strtol(text, NULL, 10);

	return digits == 0 || digits > 5 || text[digits] != '\0' || port > 65535
	    ? 0
	    : (unsigned)port;
}

static bool
parse_inet(struct socketspec *spec, const char *rest, char *why, size_t whysize)
{
	struct endpoint e = {"", ""};
	struct ipaddr addr;
	char text[IPADDR_STRLEN];
	unsigned port;
	bool v6;

	if (!part(&e, rest))
		return strbuf_fail(why, whysize,
		    "write \"inet:PORT@ADDRESS\", such as \"inet:8891@127.0.0.1\"");
	if ((port = port_number(e.port)) == 0)
		return strbuf_fail(why, whysize, "the port must be a number from 1 to 65535");
	if (!ipaddr_parse(&addr, e.address))
		return strbuf_fail(why, whysize, "the address must be an IPv4 or IPv6 address");
	v6 = addr.bits == 128;
	ipaddr_format(&addr, text);
	snprintf(spec->milter, sizeof(spec->milter), v6 ? "inet6:%u@[%s]" : "inet:%u@%s", port,
	    text);
	snprintf(spec->postfix, sizeof(spec->postfix), v6 ? "inet:[%s]:%u" : "inet:%s:%u", text,
	    port);
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
	if (starts(path, POSTFIX_QUEUE))
		seen = path + strlen(POSTFIX_QUEUE);
	strbuf_copy(spec->path, sizeof(spec->path), path);
	snprintf(spec->milter, sizeof(spec->milter), "unix:%s", path);
	snprintf(spec->postfix, sizeof(spec->postfix), "unix:%s", seen);
	return true;
}

bool
socketspec_parse(struct socketspec *spec, const char *text, char *why, size_t whysize)
{
	static const char *const inet[] = {"inet:", "inet6:"};
	static const char *const local[] = {"unix:", "local:"};

	memset(spec, 0, sizeof(*spec));
	for (size_t i = 0; i < 2; i++)
		if (starts(text, inet[i]))
			return parse_inet(spec, text + strlen(inet[i]), why, whysize);
	for (size_t i = 0; i < 2; i++)
		if (starts(text, local[i]))
			return parse_unix(spec, text + strlen(local[i]), why, whysize);
	if (text[0] == '/')
		return parse_unix(spec, text, why, whysize);
	return strbuf_fail(why, whysize, "a socket is \"inet:PORT@ADDRESS\" or \"unix:/PATH\"");
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
	struct endpoint e = {"", ""};
	struct sockaddr_in sin = {.sin_family = AF_INET};
	struct sockaddr_in6 sin6 = {.sin6_family = AF_INET6};

	if (!part(&e, rest))
		return -1;
	sin.sin_port = sin6.sin6_port = htons((uint16_t)port_number(e.port));
	if (inet_pton(AF_INET, e.address, &sin.sin_addr) == 1)
		return connect_to((struct sockaddr *)&sin, sizeof(sin), wait);
	if (inet_pton(AF_INET6, e.address, &sin6.sin6_addr) == 1)
		return connect_to((struct sockaddr *)&sin6, sizeof(sin6), wait);
	return -1;
}

int
socketspec_connect(const char *milter, bool wait)
{
	if (starts(milter, "unix:"))
		return connect_unix(milter + strlen("unix:"), wait);
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
