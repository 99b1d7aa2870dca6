/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prefix.c - networks as people write them, in a line or a file of lines.
 * What could mean something else than its author meant is an error, for a
 * wrong network refuses the wrong mail.
 */
#include "config.h"

#include "prefix.h"

#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nat64.h"
#include "nettable.h"
#include "strbuf.h"
#include "textfile.h"

#define LINE_LEN_MAX 1024 /* bytes of a line in a file, without its end */
#define NETWORK_MAX 64    /* longest text of a network, and then some */

struct prefix_set {
	struct nettable *v4, *v6;
	bool sealed;
};

enum line { LINE_GOOD, LINE_END, LINE_LONG, LINE_NUL, LINE_FAILED };

/* A number from 0 to max, written in the one way there is. */
static bool
read_length(const char *text, unsigned max, unsigned *len)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 3 || text[digits] != '\0' || (text[0] == '0' && digits > 1))
		return false;
	*len = (unsigned)strtoul(text, NULL, 10);
	return *len <= max;
}

static bool
check_host_bits(const struct network *net, struct strbuf *why)
{
	struct ipaddr masked = net->addr;
	char text[2][IPADDR_STRLEN];
	unsigned i;

	if (net->len % 8 != 0)
		masked.byte[net->len / 8] &= (uint8_t)(0xff << (8 - net->len % 8));
	for (i = (net->len + 7) / 8; i < sizeof(masked.byte); i++)
		masked.byte[i] = 0;
	if (ipaddr_compare(&masked, &net->addr) == 0)
		return true;
	strbuf_addf(why, "%s/%u has bits set past its length; the network is %s/%u",
	    ipaddr_format(&net->addr, text[0]), net->len, ipaddr_format(&masked, text[1]),
	    net->len);
	return false;
}

static bool
refuse(struct strbuf *why, const char *network, const char *what)
{
	strbuf_add_value(why, network, NETWORK_MAX);
	strbuf_addf(why, " %s", what);
	return false;
}

static bool
read_network(struct network *net, const char *text, struct strbuf *why)
{
	char storage[NETWORK_MAX], *slash;
	unsigned max;

	if (!strbuf_copy(storage, sizeof(storage), text))
		return refuse(why, text, "is not a network");
	slash = strchr(storage, '/');
	if (slash != NULL)
		*slash++ = '\0';
	if (!ipaddr_parse(&net->addr, storage))
		return refuse(why, text, "is not a network");
	/* The length counts in the family that was written, which for ::ffff:192.0.2.0 is IPv6. */
	max = strchr(storage, ':') != NULL ? 128 : 32;
	net->len = max;
	if (slash != NULL && !read_length(slash, max, &net->len))
		return refuse(why, text,
		    max == 32 ? "has no length from 0 to 32" : "has no length from 0 to 128");
	if (max > net->addr.bits) {
		if (net->len < 96)
			return refuse(why, text, "is IPv4 in IPv6, whose length is 96 to 128");
		net->len -= 96;
	}
	if (nat64_holds(&net->addr, net->len))
		return refuse(why, text,
		    "is IPv4 behind IPv6, whose clients are known by their IPv4 addresses");
	return check_host_bits(net, why);
}

bool
prefix_parse(struct network *net, const char *text, char *why, size_t whysize)
{
	struct strbuf message;

	strbuf_init(&message, why, whysize);
	return read_network(net, text, &message);
}

static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

struct prefix_set *
prefix_new(void)
{
	struct prefix_set *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	set->v4 = nettable_new(32);
	set->v6 = nettable_new(128);
	if (set->v4 != NULL && set->v6 != NULL)
		return set;
	prefix_free(set);
	return NULL;
}

void
prefix_free(struct prefix_set *set)
{
	if (set == NULL)
		return;
	nettable_free(set->v4);
	nettable_free(set->v6);
	free(set);
}

static struct nettable *
table_of(const struct prefix_set *set, const struct ipaddr *addr)
{
	return addr->bits == 32 ? set->v4 : set->v6;
}

bool
prefix_add(
    struct prefix_set *set, const char *text, const char *reason, char *why, size_t whysize)
{
	struct strbuf message;
	struct network net;

	assert(!set->sealed);
	strbuf_init(&message, why, whysize);
	if (!read_network(&net, text, &message))
		return false;
	if (reason != NULL && !is_printable(reason))
		return refuse(
		    &message, text, "has a reason with bytes that are not printable ASCII");
	if (!nettable_add(table_of(set, &net.addr), net.addr.byte, net.len, reason))
		return refuse(&message, text, "cannot be added: memory is out");
	return true;
}

static enum line
read_line(FILE *file, char line[LINE_LEN_MAX + 1])
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(file)) != EOF && c != '\n') {
		if (c == '\0')
			return LINE_NUL;
		if (len == LINE_LEN_MAX)
			return LINE_LONG;
		line[len++] = (char)c;
	}
	line[len] = '\0';
	if (ferror(file))
		return LINE_FAILED;
	return c == EOF && len == 0 ? LINE_END : LINE_GOOD;
}

/* End the line where a comment begins, or the blanks before it and a CR. */
static void
cut_comment(char *line)
{
	char *hash = strchr(line, '#');
	size_t len;

	/* A # inside a word belongs to it. */
	while (hash != NULL && hash > line && hash[-1] != ' ' && hash[-1] != '\t')
		hash = strchr(hash + 1, '#');
	len = hash != NULL ? (size_t)(hash - line) : strlen(line);
	if (hash == NULL && len > 0 && line[len - 1] == '\r')
		len--;
	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	line[len] = '\0';
}

static bool
add_line(struct prefix_set *set, char *line, char *why, size_t whysize)
{
	char *network, *reason;

	cut_comment(line);
	network = line + strspn(line, " \t");
	if (*network == '\0')
		return true;
	reason = network + strcspn(network, " \t");
	if (*reason == '\0')
		return prefix_add(set, network, NULL, why, whysize);
	*reason++ = '\0';
	reason += strspn(reason, " \t");
	return prefix_add(set, network, reason, why, whysize);
}

/* Take in a line; its fault, in storage or constant, or NULL. */
static const char *
take_line(struct prefix_set *set, enum line kind, char *line, char *storage, size_t size)
{
	switch (kind) {
	case LINE_GOOD:
		return add_line(set, line, storage, size) ? NULL : storage;
	case LINE_LONG:
		return "the line is too long";
	case LINE_NUL:
		return "the line holds a NUL byte";
	case LINE_FAILED:
		return "the file cannot be read any further";
	case LINE_END:
		break;
	}
	return NULL;
}

static bool
add_stream(struct prefix_set *set, FILE *file, const char *path, struct strbuf *why)
{
	char line[LINE_LEN_MAX + 1], storage[256];
	const char *fault = NULL;
	enum line kind = LINE_GOOD;
	size_t number = 0;

	while (kind != LINE_END && fault == NULL) {
		kind = read_line(file, line);
		number++;
		fault = take_line(set, kind, line, storage, sizeof(storage));
	}
	if (fault != NULL)
		strbuf_addf(why, "%s:%zu: %s", path, number, fault);
	return fault == NULL;
}

/* What is against reading the file; NULL: nothing. */
static const char *
check_status(int fd, const char *path)
{
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		return textfile_why(path, errno);
	if (!S_ISREG(status.st_mode))
		return "not a regular file";
	if ((status.st_mode & S_IWOTH) != 0)
		return "everybody may write to it";
	return NULL;
}

bool
prefix_add_file(struct prefix_set *set, const char *path, char *why, size_t whysize)
{
	/* Without waiting: a FIFO would keep us here until somebody writes to it. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *fault = check_status(fd, path);
	FILE *file = fault == NULL ? fdopen(fd, "r") : NULL;
	struct strbuf message;
	bool good;

	strbuf_init(&message, why, whysize);
	if (file == NULL) {
		strbuf_addf(&message, "%s: %s", path, fault != NULL ? fault : strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	good = add_stream(set, file, path, &message);
	fclose(file);
	return good;
}

bool
prefix_seal(struct prefix_set *set)
{
	assert(!set->sealed);
	set->sealed = nettable_seal(set->v4) && nettable_seal(set->v6);
	return set->sealed;
}

size_t
prefix_count(const struct prefix_set *set)
{
	return nettable_count(set->v4) + nettable_count(set->v6);
}

size_t
prefix_bytes(const struct prefix_set *set)
{
	return sizeof(*set) + nettable_bytes(set->v4) + nettable_bytes(set->v6);
}

bool
prefix_find(const struct prefix_set *set, const struct ipaddr *addr, struct prefix_match *match)
{
	assert(set->sealed);
	return addr->bits != 0 &&
	    nettable_find(table_of(set, addr), addr->byte, &match->len, &match->reason);
}
