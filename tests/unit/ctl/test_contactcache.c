/* SPDX-License-Identifier: BSD-2-Clause */
/* test_contactcache.c - what is kept is found again, for a week, by network and by domain. */
#include "config.h"

#include "ctl/contactcache.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ipaddr.h"
#include "tap.h"

#define NOW 1800000000
#define DAY 86400

static char folder[] = "/tmp/relayguard-contactcache-XXXXXX";
static char path[sizeof(folder) + sizeof("/contacts.json")];

static void
keep(struct contactcache *c)
{
	static struct contactlist list;
	struct contact rdap = {.source = CONTACT_RDAP, .scope = "41.1.0.0/22", .pref = 1};
	struct contact net = {.source = CONTACT_ABUSENET, .scope = "isp.example", .pref = 7};

	(void)contactlist_add(&list, "abuse@isp.example", 17, &rdap);
	(void)contactlist_add(&list, "net@isp.example", 15, &net);
	contactcache_put(c, CONTACT_RDAP, "41.1.0.0/22", &list, NOW);
	contactcache_put(c, CONTACT_ABUSENET, "isp.example", &list, NOW);
	contactcache_put(c, CONTACT_ABUSIX, "41.1.2.3/32", &list, NOW);
}

static void
test_found(int64_t now, bool want)
{
	static struct contactlist list;
	const struct ipaddr in = {32, {41, 1, 3, 255}}, out = {32, {41, 1, 4, 0}},
			    one = {32, {41, 1, 2, 3}};
	struct contactcache *c = contactcache_open(folder, now);

	list = (struct contactlist){0};
	same_num(contactcache_find(c, CONTACT_RDAP, &in, NULL, &list), want, "in the network");
	same_num((long long)list.n, want, "its contact");
	if (list.n > 0) {
		same_str(list.contact[0].address, "abuse@isp.example", "that one alone");
		same_num(list.contact[0].time, NOW, "and when");
	}
	ok(!contactcache_find(c, CONTACT_RDAP, &out, NULL, &list), "outside of it");
	same_num(contactcache_find(c, CONTACT_ABUSENET, NULL, "isp.example", &list), want,
	    "of a domain");
	ok(!contactcache_find(c, CONTACT_ABUSENET, NULL, "x.isp.example", &list),
	    "another one");
	list = (struct contactlist){0};
	same_num(
	    contactcache_find(c, CONTACT_ABUSIX, &one, NULL, &list), want, "that nobody is");
	same_num((long long)list.n, 0, "nobody");
	contactcache_close(c);
}

static void
write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		return;
	(void)fputs(text, file);
	(void)fclose(file);
}

int
main(void)
{
	static struct contactlist list;
	struct contactcache *c;

	if (mkdtemp(folder) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/contacts.json", folder);
	ok(contactcache_open(NULL, NOW) == NULL, "no folder");
	ok(!contactcache_find(NULL, CONTACT_RDAP, NULL, "x", &list), "which has nothing");
	contactcache_put(NULL, CONTACT_RDAP, "x", &list, NOW);
	contactcache_close(NULL);
	c = contactcache_open(folder, NOW);
	ok(c != NULL, "no file yet");
	keep(c);
	contactcache_close(c);
	test_found(NOW, true);
	test_found(NOW + CONTACTCACHE_DAYS * DAY - 1, true);
	test_found(NOW + CONTACTCACHE_DAYS * DAY, false);
	test_found(NOW - 1, false);
	write_file("{\"x\": ");
	ok(contactcache_open(folder, NOW) == NULL, "a file that is none");
	write_file("[5, null, {}, {\"time\": \"x\", \"source\": 7}, {\"time\": 1800000000, "
		   "\"source\": \"rdap\", \"scope\": \"41.1.0.0/22\", \"contacts\": [5, {}, "
		   "{\"address\": \"$(x)@y\"}]}]\n");
	c = contactcache_open(folder, NOW);
	list = (struct contactlist){0};
	ok(contactcache_find(
	       c, CONTACT_RDAP, &(struct ipaddr){32, {41, 1, 2, 3}}, NULL, &list) &&
		list.n == 0,
	    "a file that somebody has had in hand");
	contactcache_close(c);
	ok(chmod(path, 0666) == 0 && contactcache_open(folder, NOW) == NULL,
	    "a file that all may write");
	(void)unlink(path);
	(void)rmdir(folder);
	return done();
}
