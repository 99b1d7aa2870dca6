/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_listfile.c - a file of networks: what is taken in is found again, the
 * most specific first, as a reader that looks at one after the other finds it.
 */
#include "config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/ipaddr.h"
#include "base/prefix.h"
#include "conf/netfile.h"
#include "fuzz/fuzz.h"

#define NETWORKS_MAX 256

struct written {
	struct ipaddr address;
	unsigned len;
	char reason[1100];
};

static struct written networks[NETWORKS_MAX];
static size_t nnetworks;

/* A line that conf/netline.c has taken, read in another way; it may be empty. */
static void
read_line(char *line)
{
	char text[128] = "", *reason = NULL, *slash;
	struct written *n = &networks[nnetworks];
	int end = 0;

	for (char *p = line; *p != '\0'; p++)
		if ((*p == '#' || *p == ';') && (p == line || p[-1] == ' ' || p[-1] == '\t'))
			*p = '\0';
	for (size_t i = strlen(line); i > 0 && strchr(" \t\r", line[i - 1]) != NULL; i--)
		line[i - 1] = '\0';
	if (nnetworks == NETWORKS_MAX || sscanf(line, " %127[^ \t]%n", text, &end) != 1)
		return;
	reason = line + end + strspn(line + end, " \t");
	snprintf(n->reason, sizeof(n->reason), "%s", reason);
	for (char *p = n->reason; *p != '\0'; p++)
		if (*p == '\t')
			*p = ' ';
	if ((slash = strchr(text, '/')) != NULL)
		*slash++ = '\0';
	MUST(ipaddr_parse(&n->address, text));
	n->len = slash != NULL ? (unsigned)strtoul(slash, NULL, 10) : n->address.bits;
	/* Written as IPv6, kept as IPv4. */
	if (n->address.bits == 32 && strchr(text, ':') != NULL && slash != NULL)
		n->len -= 96;
	nnetworks++;
}

static void
read_naively(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *line = text, *end;

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	nnetworks = 0;
	for (; line != NULL; line = end != NULL ? end + 1 : NULL) {
		if ((end = strchr(line, '\n')) != NULL)
			*end = '\0';
		read_line(line);
	}
	free(text);
}

/* The first of the longest that hold the address, or NULL. */
static const struct written *
find_naively(const struct ipaddr *address)
{
	const struct written *best = NULL;

	for (size_t i = 0; i < nnetworks; i++)
		if (ipaddr_within(address, &networks[i].address, networks[i].len) &&
		    (best == NULL || networks[i].len > best->len))
			best = &networks[i];
	return best;
}

static bool
ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), rest = strlen(end);

	return rest > 0 && rest <= len && strcmp(text + len - rest, end) == 0;
}

static void
look_up(const struct prefix_set *set, const struct ipaddr *address)
{
	const struct written *want = find_naively(address);
	struct prefix_match got = {0};

	MUST(prefix_find(set, address, &got) == (want != NULL));
	if (want == NULL)
		return;
	MUST(got.len == want->len);
	/* The action of another program may have been left out in front. */
	MUST(got.reason == NULL || ends_in(want->reason, got.reason));
}

/* The next address up or down, round the end. */
static struct ipaddr
beside(struct ipaddr address, int step)
{
	for (unsigned i = address.bits / 8; i-- > 0;) {
		uint8_t before = address.byte[i];

		address.byte[i] = (uint8_t)(before + step);
		if (before != (step > 0 ? 0xff : 0))
			break;
	}
	return address;
}

static struct ipaddr
last_of(const struct written *n)
{
	struct ipaddr address = n->address;

	for (unsigned bit = n->len; bit < address.bits; bit++)
		address.byte[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return address;
}

/* Both ends of each network, and what lies beside them. */
static void
check_set(const struct prefix_set *set)
{
	static const struct ipaddr nobody;

	if (nnetworks < NETWORKS_MAX)
		MUST(prefix_count(set) <= nnetworks);
	MUST((prefix_count(set) == 0) == (nnetworks == 0));
	look_up(set, &nobody);
	for (size_t i = 0; i < nnetworks && nnetworks < NETWORKS_MAX; i++) {
		struct ipaddr first = networks[i].address, last = last_of(&networks[i]);
		struct ipaddr before = beside(first, -1), after = beside(last, 1);

		look_up(set, &first);
		look_up(set, &last);
		look_up(set, &before);
		look_up(set, &after);
	}
}

/* Whether a line may be JSON, which is not read here. */
static bool
has_json(const uint8_t *data, size_t size)
{
	return memchr(data, '{', size) != NULL;
}

/* Each line is of the file, or of what names it. */
static void
check_said(const char *path, const char *said)
{
	while (*said != '\0') {
		size_t len = strcspn(said, "\n");

		MUST(said[len] == '\n');
		MUST(strncmp(said, "named:7: ", 9) == 0 ||
		    (strncmp(said, path, strlen(path)) == 0 &&
			strtoul(said + strlen(path) + 1, NULL, 10) > 0));
		for (size_t i = 0; i < len; i++)
			MUST(said[i] >= ' ' && said[i] <= '~');
		said += len + 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct place named = {"named", 7};
	const char *path = fuzz_file("networks", data, size);
	struct prefix_set *set = prefix_new();
	struct report *report;
	struct paper said;
	bool good;

	paper_open(&said);
	report = report_new(said.stream);
	if (set == NULL || report == NULL)
		abort();
	(void)netfile_read(set, path, NETLINE_DENY, &named, report);
	good = report_mistakes(report) == 0;
	report_free(report);
	paper_read(&said);
	check_said(path, said.text);
	paper_close(&said);
	if (good && !has_json(data, size)) {
		MUST(prefix_seal(set));
		read_naively(data, size);
		check_set(set);
	}
	prefix_free(set);
	return 0;
}
