/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_localstore.c - what outlives a restart, what is kept of a client, whose word lists it,
 * and that a file that cannot be used keeps nobody from anything.
 */
#include "config.h"

#include "own/localstore.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "tap.h"

#define CLIENTS 1024
#define DAY 86400

static char folder[] = "/tmp/relayguard-localstore-XXXXXX";

static struct ipaddr
addr_of(const char *text)
{
	struct ipaddr addr;

	if (!ipaddr_parse(&addr, text))
		addr.bits = 0;
	return addr;
}

/* A list and its store, as they are from start to stop. */
struct node {
	struct locallist *list;
	struct localstore *store;
};

static struct node
begin(const char *where, bool no_names)
{
	struct node n = {.list = locallist_new(CLIENTS)};

	n.store = localstore_new(n.list, where, no_names);
	if (n.store == NULL || !localstore_start(n.store))
		abort();
	return n;
}

static void
end(struct node *n)
{
	localstore_free(n->store);
	locallist_free(n->list);
}

static void
remove_files(void)
{
	static const char *const names[] = {
	    "local.db", "local.db-wal", "local.db-shm", "local.db.corrupt"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
}

/* --- What is told --- */

struct told {
	unsigned hits, audits;
	int64_t counted;
	struct local_hit last;
	struct local_audit audit; /* the last */
};

static void
on_hit(void *arg, const struct local_hit *hit)
{
	struct told *t = arg;

	if (t->hits++ == 0)
		t->last = *hit;
}

static void
on_count(void *arg, const struct local_count *count)
{
	((struct told *)arg)->counted += count->hits;
}

static void
on_audit(void *arg, const struct local_audit *audit)
{
	struct told *t = arg;

	if (t->audits++ == 0)
		t->audit = *audit;
}

static struct told
ask(struct node *n, const char *client)
{
	struct told t = {0};
	const struct local_reader reader = {on_hit, on_count, on_audit, &t};
	const struct ipaddr addr = addr_of(client);
	const char *error;

	if (!localstore_read(n->store, &addr, &reader, &error))
		printf("# %s: %s\n", client, error);
	return t;
}

static unsigned
requests(struct node *n)
{
	struct told t = {0};
	const struct local_reader reader = {.audit = on_audit, .arg = &t};
	const char *error;

	(void)localstore_requests(n->store, 300, &reader, &error);
	return t.audits;
}

static void
hit(struct node *n, const char *client, const char *what)
{
	struct local_hit h = {.time = clock_wall(),
	    .client = addr_of(client),
	    .reason = LOCAL_PROBE,
	    .name = "host.example",
	    .helo = "WIN-1",
	    .sender = "<joe@sender.example>",
	    .ref = "ABCDEFGH"};

	(void)strbuf_copy(h.what, sizeof(h.what), what);
	localstore_hit(n->store, &h);
}

/* --- Tests --- */

static void
test_restart(void)
{
	const struct ipaddr four = addr_of("192.0.2.1"), six = addr_of("2001:db8::1");
	uint32_t now = (uint32_t)clock_wall();
	struct node n = begin(folder, false);
	struct local_entry before, after;
	struct stat st;
	char path[PATH_MAX];

	locallist_list(n.list, &four, LOCAL_PROBE, "forms", now);
	locallist_list(n.list, &four, LOCAL_TRAP, "traps", now);
	locallist_list(n.list, &six, LOCAL_TRAP, "traps", now);
	same_num(
	    localstore_remove(n.store, &six, "joe", now), LOCAL_REMOVAL_DONE, "one is removed");
	(void)locallist_find(n.list, &four, now, &before);
	end(&n);
	snprintf(path, sizeof(path), "%s/local.db", folder);
	ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0640,
	    "there is a file that not everybody may read");
	n = begin(folder, false);
	ok(locallist_find(n.list, &four, now, &after), "after a restart it is listed");
	same_num(after.until[LOCAL_PROBE], before.until[LOCAL_PROBE], "for as long");
	same_str(after.rule[LOCAL_TRAP], "traps", "by the same rule");
	same_num(after.reasons, before.reasons, "for the same reasons");
	ok(!locallist_find(n.list, &six, now, &after), "who was removed is not");
	same_num(after.removed[0], now, "and that is known");
	end(&n);
	remove_files();
}

/* No byte is left of what was seen; the entry is. */
static void
test_forget(struct node *n)
{
	const struct ipaddr addr = addr_of("2001:db8::1");
	char path[PATH_MAX], bytes[65536];
	struct local_entry e;
	const char *error;
	unsigned rows;
	size_t len;
	FILE *file;

	locallist_list(n->list, &addr, LOCAL_PROBE, "forms", (uint32_t)clock_wall());
	ok(localstore_forget(n->store, &addr, &rows, &error), "a client is forgotten");
	same_num(rows, LOCAL_HITS + 2, "its hits, their count, and the audit");
	same_num(ask(n, "2001:db8::1").hits, 0, "there are no more");
	ok(locallist_find(n->list, &addr, (uint32_t)clock_wall(), &e), "it is listed still");
	snprintf(path, sizeof(path), "%s/local.db", folder);
	file = fopen(path, "r");
	len = file != NULL ? fread(bytes, 1, sizeof(bytes), file) : 0;
	ok(len > 0 && memmem(bytes, len, "joe@", 4) == NULL, "and no byte of it is on disk");
	if (file != NULL)
		fclose(file);
}

static void
test_hits(void)
{
	struct node n = begin(folder, false);
	char what[16];
	struct told t;

	for (unsigned i = 0; i < 20; i++) {
		snprintf(what, sizeof(what), "percent-%u", i);
		hit(&n, "2001:db8::1", what);
	}
	t = ask(&n, "2001:db8::ffff");
	same_num(t.hits, LOCAL_HITS, "so many hits are kept of a /64");
	same_num(t.counted, 20, "and all are counted");
	same_str(t.last.what, "percent-19", "the last one first");
	same_str(t.last.sender, "<joe@sender.example>", "with its sender");
	same_str(t.last.ref, "ABCDEFGH", "and its reference");
	same_num(ask(&n, "192.0.2.1").hits, 0, "of another client there are none");
	test_forget(&n);
	end(&n);
	remove_files();
	n = begin(folder, true);
	hit(&n, "192.0.2.1", "plain");
	t = ask(&n, "192.0.2.1");
	same_str(t.last.sender, "@sender.example", "without names: the domain of a sender");
	same_str(t.last.helo, "", "and no HELO");
	end(&n);
	remove_files();
}

static enum local_nominated
nominate(struct node *n, const char *client, const char *by, const char *evidence)
{
	const struct local_nomination nomination = {.client = addr_of(client),
	    .by = by,
	    .why = "it does harm",
	    .evidence = evidence,
	    .until = clock_wall() + 3 * DAY};

	return localstore_nominate(n->store, &nomination, clock_wall());
}

static bool
is_listed(struct node *n, const char *client)
{
	const struct ipaddr addr = addr_of(client);
	struct local_entry e;

	return locallist_find(n->list, &addr, (uint32_t)clock_wall(), &e);
}

static void
test_nominations(void)
{
	const struct ipaddr removed = addr_of("192.0.2.1");
	struct node n = begin(folder, false);
	struct local_entry e;
	struct told t;

	same_num(nominate(&n, "192.0.2.1", "joe", NULL), LOCAL_NOMINATED_NOTED,
	    "without evidence it is noted");
	same_num(nominate(&n, "192.0.2.1", "ann", NULL), LOCAL_NOMINATED_NOTED, "by whomever");
	same_num(nominate(&n, "192.0.2.1", "joe", "log"), LOCAL_NOMINATED_WAITS,
	    "with evidence it waits for another");
	same_num(nominate(&n, "192.0.2.1", "joe", "more"), LOCAL_NOMINATED_WAITS,
	    "who is not the same");
	ok(!is_listed(&n, "192.0.2.1"), "nobody is listed by one report");
	same_num(nominate(&n, "192.0.2.1", "ann", "log"), LOCAL_NOMINATED_LISTED,
	    "two operators list");
	ok(locallist_find(n.list, &removed, (uint32_t)clock_wall(), &e), "it is listed");
	same_num(e.reasons, 1 << LOCAL_NOMINATED, "as nominated");
	ok(e.until[LOCAL_NOMINATED] <= clock_wall() + 3 * DAY, "until the date");
	t = ask(&n, "192.0.2.1");
	same_num(t.audits, 6, "each nomination, and the listing, are in the audit");
	same_str(t.audit.rule, "operators", "with the rule");
	same_str(t.audit.version, PACKAGE_VERSION, "and the version");
	same_num(requests(&n), 5, "what was asked for can be told");
	(void)localstore_remove(n.store, &removed, "web", clock_wall());
	same_num(nominate(&n, "192.0.2.1", "ann", "log"), LOCAL_NOMINATED_WAITS,
	    "after a removal what was said before counts no more");
	for (unsigned i = 0; i < 1000; i++)
		(void)nominate(&n, "192.0.2.1", "page", NULL);
	same_num(requests(&n), 205, "of what anybody may note the last are told, and all else");
	same_num(nominate(&n, "192.0.2.1", "joe", "log"), LOCAL_NOMINATED_LISTED,
	    "and it hides no operator's word");
	hit(&n, "192.0.2.2", "percent");
	same_num(nominate(&n, "192.0.2.2", "joe", "log"), LOCAL_NOMINATED_LISTED,
	    "one operator and an own observation list");
	same_num(nominate(&n, "127.0.0.2", "joe", "log"), LOCAL_NOMINATED_REFUSED,
	    "nobody is this host");
	end(&n);
	remove_files();
}

/* No file, a damaged one, or a folder that is none: the list goes on. */
static void
test_faults(void)
{
	const struct ipaddr addr = addr_of("192.0.2.1");
	uint32_t now = (uint32_t)clock_wall();
	char path[PATH_MAX], aside[PATH_MAX];
	struct node n = begin(NULL, false);
	FILE *file;

	hit(&n, "192.0.2.1", "plain");
	same_num(ask(&n, "192.0.2.1").hits, 1, "without a store evidence is in memory");
	end(&n);
	snprintf(path, sizeof(path), "%s/local.db", folder);
	snprintf(aside, sizeof(aside), "%s/local.db.corrupt", folder);
	if ((file = fopen(path, "w")) == NULL)
		abort();
	for (unsigned i = 0; i < 4096; i++)
		fputs("no database ", file);
	fclose(file);
	n = begin(folder, false);
	ok(localstore_is_up(n.store), "a damaged file is replaced");
	ok(access(aside, F_OK) == 0, "and set aside");
	locallist_list(n.list, &addr, LOCAL_PROBE, "forms", now);
	end(&n);
	n = begin(folder, false);
	ok(is_listed(&n, "192.0.2.1"), "the new one is good");
	end(&n);
	remove_files();
	n = begin("/nonexistent/relayguard", false);
	locallist_list(n.list, &addr, LOCAL_PROBE, "forms", now);
	hit(&n, "192.0.2.1", "plain");
	ok(!localstore_is_up(n.store), "a folder that is not there is trouble");
	ok(is_listed(&n, "192.0.2.1"), "and the list goes on");
	same_num(localstore_remove(n.store, &addr, "joe", now), LOCAL_REMOVAL_DONE,
	    "a removal, too");
	same_num(nominate(&n, "192.0.2.1", "joe", "log"), LOCAL_NOMINATED_FAILED,
	    "what could not be kept is not said to be");
	end(&n);
}

/* What could not be written is written when it can be. */
static void
test_restored(void)
{
	const struct ipaddr addr = addr_of("192.0.2.1");
	char later[PATH_MAX];
	struct node n;

	snprintf(later, sizeof(later), "%s/later", folder);
	n = begin(later, false);
	locallist_list(n.list, &addr, LOCAL_PROBE, "forms", (uint32_t)clock_wall());
	end(&n);
	ok(mkdir(later, 0700) == 0, "the folder is made");
	n = begin(later, false);
	locallist_list(n.list, &addr, LOCAL_PROBE, "forms", (uint32_t)clock_wall());
	end(&n);
	n = begin(later, false);
	ok(is_listed(&n, "192.0.2.1"), "and used");
	end(&n);
	strcpy(later + strlen(later), "/local.db");
	(void)unlink(later);
	later[strlen(later) - strlen("/local.db")] = '\0';
	(void)rmdir(later);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		abort();
	test_restart();
	test_hits();
	test_nominations();
	test_faults();
	test_restored();
	ok(rmdir(folder) == 0, "nothing else was left");
	return done();
}
