/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_localset.c - where each network of allow and deny was written: by default, in the
 * configuration, in a file as it is now; or in no place any more.
 */
#include "config.h"

#include "conf/localset.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/report.h"
#include "conf/conf.h"
#include "fakes/conf_user.h"
#include "tap.h"

static const char text[] = "policy \"default\" { }\n"
			   "allow { networks += { \"192.0.2.0/24\",\n"
			   "  \"2001:db8::7\" }\n"
			   "}\n"
			   "deny {\n"
			   "  networks = { \"198.51.100.0/24\" }\n"
			   "  files = { \"~/one\",\n"
			   "    \"~/two\" }\n"
			   "}\n";

#define ONE "# theirs\n203.0.113.0/24 spam\n198.51.100.0/24\n203.0.113.7"
#define TWO \
	"{\"cidr\":\"203.0.112.0/24\",\"sblid\":\"SBL1\"}\n203.0.113.7\n\n::ffff:10.0.0.0/104"

static const struct {
	const char *label, *network;
	enum netline_sense sense;
	enum localset_found found;
	const char *file;
	unsigned line;
} rows[] = {
    {"by default", "127.0.0.0/8", NETLINE_ALLOW, LOCALSET_DEFAULT, NULL, 0},
    {"added", "192.0.2.0/24", NETLINE_ALLOW, LOCALSET_INLINE, NULL, 2},
    {"of the next line", "2001:db8::7", NETLINE_ALLOW, LOCALSET_INLINE, NULL, 3},
    {"here before files", "198.51.100.0/24", NETLINE_DENY, LOCALSET_INLINE, NULL, 6},
    {"in a file", "203.0.113.0/24", NETLINE_DENY, LOCALSET_FILE, "one", 2},
    {"the last line, without an end", "203.0.113.7", NETLINE_DENY, LOCALSET_FILE, "one", 4},
    {"JSON, in the other file", "203.0.112.0/24", NETLINE_DENY, LOCALSET_FILE, "two", 1},
    {"in another form", "10.0.0.0/8", NETLINE_DENY, LOCALSET_FILE, "two", 4},
    {"of another length", "203.0.113.0/25", NETLINE_DENY, LOCALSET_GONE, NULL, 7},
    {"nowhere, and no file", "203.0.113.0/24", NETLINE_ALLOW, LOCALSET_GONE, NULL, 0},
};

static void
locate(const struct conf *conf, size_t i)
{
	const struct localset *local =
	    rows[i].sense == NETLINE_ALLOW ? &conf->allow : &conf->deny;
	struct place place = {"?", 99};
	struct network net;
	char why[300];

	if (!prefix_parse(&net, rows[i].network, why, sizeof(why)))
		abort();
	same_num((long long)localset_locate(local, &net, &place), (long long)rows[i].found,
	    rows[i].label);
	same_num(place.line, rows[i].line, rows[i].label);
	same_str(place.file, rows[i].file != NULL ? conf_user_path(rows[i].file) : NULL,
	    rows[i].label);
}

static void
test_changed(const struct conf *conf)
{
	struct place place;
	struct network net;
	char why[300];

	(void)prefix_parse(&net, "203.0.113.0/24", why, sizeof(why));
	conf_user_write("one", "\n\n203.0.113.0/24\n", 0644);
	same_num((long long)localset_locate(&conf->deny, &net, &place), LOCALSET_FILE, "moved");
	same_num(place.line, 3, "moved: as it is now");
	conf_user_write("one", "203.0.113.0/24 OK\n", 0644);
	same_num((long long)localset_locate(&conf->deny, &net, &place), LOCALSET_GONE,
	    "a line that would not be read");
	remove(conf_user_path("one"));
	same_num(
	    (long long)localset_locate(&conf->deny, &net, &place), LOCALSET_GONE, "removed");
}

int
main(void)
{
	char got[4096];
	struct conf *conf;

	conf_user_begin();
	conf_user_write("one", ONE, 0644);
	conf_user_write("two", TWO, 0644);
	conf = conf_user_load(text, NULL, got, sizeof(got));
	printf("# %s\n", got);
	if (ok(conf != NULL, "loads")) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			locate(conf, i);
		test_changed(conf);
	}
	conf_unref(&conf);
	conf_user_end();
	return done();
}
