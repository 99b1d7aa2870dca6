/* SPDX-License-Identifier: BSD-2-Clause */
/* test_datarules.c - lists with data: what is said of them, and what stays over a reload. */
#include "config.h"

#include "conf/datarules.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "data/datafeeds.h"
#include "fakes/conf_user.h"
#include "tap.h"

#define ANSWER " answer \"127.0.0.2\" { category = \"spam-source\" score = 5 } }\n"
#define DATA(words) "list \"d\" { " words ANSWER "policy \"default\" { lists = { \"d\" } }\n"
#define USE(label) "policy \"default\" { lists = { \"" label "\" } refuse = 4 }\n"

static const struct conf_file files[] = {
    {"four", "127.0.0.2\n192.0.2.1\n192.0.2.7 :4:\n", 0644},
    {"six", "::ffff:7f00:2\n2001:db8::/32\n", 0644},
    {"names", "test\nspam.example\n", 0644},
    {"wide", "test\nspam.example\n*.co.uk\n", 0644},
    {"both", "$DATASET ip4set @\n127.0.0.2\n$DATASET dnset @ sub\ntest\nother.example\n", 0644},
    {"drop", "192.0.2.0/24 ; SBL1\n2001:db8::/32 ; SBL2\n", 0644},
    {"odd", "127.0.0.2\nno\n\n192.0.2.1/33\n", 0644},
    {"many", "127.0.0.2\n1x\n2x\n3x\n4x\n5x\n6x\n7x\n8x\n9x\n10x\n11x\n12x\n", 0644},
    {"empty", "# nothing\n", 0644},
    {"half", "127.0.0.2\n192.0.2", 0644},
    {"untested", "192.0.2.1\n", 0644},
    {"world", "127.0.0.2\n1.0.0.0-126.255.255.255\n128.0.0.0-223.255.255.255\n", 0644},
    {"large", "127.0.0.2\n", 0644},
    {"open", "127.0.0.2\n", 0666},
};

static const struct conf_row rows[] = {
    {"no zone", DATA("data = { \"ip4set:~/four\" }"), ""},
    {"a zone beside it", DATA("data = { \"ip4set:~/four\" } zone = \"d.example\""), ""},
    {"several sets", DATA("data = { \"ip4set:~/four\", \"ip6trie:~/six\" } ipv6 = true"), ""},
    {"names", DATA("data = { \"dnset:~/names\" } kind = \"domain\""), ""},
    {"sections", DATA("data = { \"combined:~/both\" }"), ""},
    {"sections of a subzone", DATA("data = { \"combined@sub:~/both\" } kind = \"domain\""), ""},
    {"plain networks", DATA("data = { \"~/drop\" } ipv6 = true"), ""},
    {"bounds", DATA("data = { \"~/drop\" } max_shrink = 100 max_grow = 1 max_age = \"0s\""),
	""},
    {"two lists of one file",
	"list \"e\" { data = { \"~/drop\" }" ANSWER "list \"d\" { data = { \"~/drop\" }" ANSWER
	"policy \"default\" { lists = { \"d\", \"e\" } }\n",
	""},
    {"known, with its zone", "list \"known\" { data = { \"ip4set:~/four\" } }\n" USE("known"),
	""},
    {"known, without a zone",
	"list \"known\" { zone = \"\" data = { \"ip4set:~/four\" } }\n" USE("known"), ""},
    {"known, with a key that is not needed",
	"list \"keyed\" { data = { \"ip4set:~/four\" } }\n" USE("keyed"), ""},
    {"not used", "list \"d\" { data = { \"~/nowhere\" }" ANSWER CONF_DEFAULT, ""},

    {"no zone and no data", DATA("zone = \"\""), "1: list \"d\" has no zone"},
    {"no files", DATA("data = { }"), "1: list \"d\" has no zone"},
    {"no path", DATA("data = { \"four\" }"), "1: data: must be a path"},
    {"no format", DATA("data = { \"ip4:~/four\" }"), "1: data: must be a path, or begin with"},
    {"of own evidence", DATA("data = { \"~/drop\" } source = \"own\""),
	"1: data: list \"d\" is of own evidence"},
    {"names of addresses", DATA("data = { \"dnset:~/names\" }"),
	"1: data: dnset is not for a list of addresses"},
    {"addresses of names", DATA("data = { \"ip4set:~/four\" } kind = \"domain\""),
	"1: data: ip4set is not for a list of domains"},
    {"bounds without data", DATA("zone = \"d.example\"\nmax_age = \"1d\"\nmax_grow = 7"),
	"2: max_age: is for a list with data\n3: max_grow: is for a list with data"},
    {"suffixes without data", DATA("zone = \"d.example\" kind = \"domain\"\nsuffixes = true"),
	"2: suffixes: is for a list with data"},
    {"suffixes of addresses", DATA("data = { \"~/drop\" }\nsuffixes = true"),
	"2: suffixes: is not for a list of addresses"},
    {"too small a bound", DATA("data = { \"~/drop\" }\nmax_shrink = 0"), "2: max_shrink: "},
    {"no size", DATA("data = { \"~/drop\" }\nmax_size = \"1K\""),
	"2: max_size: must be a size such as 16M, from 1M to "},
    {"no age", DATA("data = { \"~/drop\" }\nmax_age = \"1m\""),
	"2: max_age: must be a time from 10m to 366d, or 0s"},
    {"IPv6 that nobody asks about", DATA("\ndata = { \"ip4set:~/four\",\n\"ip6trie:~/six\" }"),
	"3: warning: data: list \"d\" is not asked about IPv6"},

    {"no file", DATA("\ndata = { \"~/nowhere\" }"),
	"2: warning: data: ~/nowhere is not there: nobody"},
    {"one that everybody may write to", DATA("data = { \"ip4set:~/open\" }"),
	"1: warning: data: ~/open cannot be read: everybody may write to it: nobody"},
    {"an empty one", DATA("data = { \"~/empty\" }"),
	"1: warning: data: ~/empty has no entry: nobody"},
    {"half a line", DATA("data = { \"ip4set:~/half\" }"),
	"half:2: warning: list \"d\": this line is left out: it is the last line\n"
	"1: warning: data: ~/half ends too early: nobody is on the list meanwhile"},
    {"no test entry", DATA("data = { \"ip4set:~/untested\" }"),
	"1: warning: data: ~/untested is not believed: test-entry-missing: nobody"},
    {"no test entry, which is not wanted",
	DATA("data = { \"ip4set:~/untested\" } test_entry = false"), ""},
    {"a large one", DATA("data = { \"ip4set:~/large\" }\nmax_size = \"1M\""),
	"1: warning: data: ~/large is too large: has 2 MB: nobody"},
    {"a large one that may be so", DATA("data = { \"ip4set:~/large\" } max_size = \"2M\""),
	"large:2: warning: list \"d\": this line is left out: it holds a NUL byte\n"
	"1: warning: data: ~/large ends too early"},
    {"the world", DATA("data = { \"ip4set:~/world\" }"),
	"1: warning: data: ~/world is not believed: lists-everything: nobody"},
    {"a public suffix", DATA("data = { \"dnset:~/wide\" } kind = \"domain\""),
	"1: warning: data: ~/wide is not believed: lists-all-of-co.uk: nobody"},
    {"a public suffix that is wanted",
	DATA("data = { \"dnset:~/wide\" } kind = \"domain\" suffixes = true"), ""},
    {"odd lines", DATA("data = { \"ip4set:~/odd\" }"),
	"odd:2: warning: list \"d\": this line is left out: it is no address\n"
	"odd:4: warning: list \"d\": this line is left out: it is no address"},
    {"many odd lines", DATA("data = { \"ip4set:~/many\" }"),
	"many:2: warning:\nmany:3: warning:\nmany:4: warning:\nmany:5: warning:\n"
	"many:6: warning:\nmany:7: warning:\nmany:8: warning:\nmany:9: warning:\n"
	"many:10: warning:\nmany:11: warning:\n"
	"1: warning: data: list \"d\": 2 more lines are left out"},
    {"rbldnsd's without its format", DATA("data = { \"~/both\" } test_entry = false"),
	"both:1: warning: list \"d\": this line is left out: it is of rbldnsd's: name the "
	"format\n"
	"both:3: warning: list \"d\": this line is left out: it is of rbldnsd's\n"
	"both:4: warning:\nboth:5: warning:"},
};

static struct datafeed *
feed_of(const struct conf *conf)
{
	return conf != NULL && conf->roster->n > 0 ? conf->roster->list[0]->data : NULL;
}

/* Load a list with those words. */
static struct conf *
load(const char *text)
{
	char said[4096];
	struct conf *conf = conf_user_load(text, CONF_REGISTRY, said, sizeof(said));

	printf("# %s\n", said);
	return conf;
}

static void
test_reload(void)
{
	static const char text[] = DATA("data = { \"ip4set:~/four\" }");
	static const char other[] = DATA("data = { \"ip4set:~/four\" } max_age = \"3d\"");
	struct conf *first = load(text), *same = load(text), *changed = load(other);
	struct datafeed_state state;
	struct datafeed *left;

	ok(feed_of(first) != NULL && feed_of(first) == feed_of(same),
	    "a list that is the same has the same data");
	datafeed_state(feed_of(first), clock_wall(), &state);
	same_num((long long)state.taken, 1, "which is read once");
	same_num((long long)state.entries, 3, "all of it");
	ok(feed_of(changed) != NULL && feed_of(changed) != feed_of(first),
	    "other rules are of another feed");
	datafeed_state(feed_of(changed), clock_wall(), &state);
	same_num((long long)state.taken, 0, "which does not read the same files again");
	same_num((long long)state.entries, 3, "and has what was read");
	conf_unref(&first);
	conf_unref(&changed);
	datafeeds_sweep();
	left = datafeeds_next(NULL);
	ok(left == feed_of(same), "it is there as long as somebody has it");
	datafeed_unref(&left);
	conf_unref(&same);
}

static void
test_rules(void)
{
	struct conf *conf = load(DATA(
	    "data = { \"ip4set:~/four,~/odd\" } max_shrink = 30 max_grow = 50 max_age = \"1h\" "
	    "max_size = \"5M\""));
	const struct datafeed_rules *rules = datafeed_rules(feed_of(conf));

	same_str(rules->label, "d", "its list");
	same_num(rules->shrink, 70, "how far it may shrink");
	same_num(rules->grow, 150, "how far it may grow");
	same_num(rules->max_age, 3600, "how old it may be");
	same_num(rules->set[0].nfiles, 2, "its files");
	same_num((long long)rules->set[0].size_max, 5 << 20, "how large they may be");
	same_str(conf->roster->list[0]->zone, "", "no zone");
	same_num(listing_state(conf->roster->list[0]), LIST_GOOD, "nobody tests it");
	same_num((long long)conf->nfiles, 2, "files that are read");
	conf_unref(&conf);
}

/* What health thinks of data is not the configuration's to say. */
static void
test_doubt(void)
{
	struct conf *conf = load(DATA("data = { \"ip4set:~/four\" }"));

	atomic_store(conf->roster->list[0]->data_state, LIST_DOUBTED);
	conf_unref(&conf);
	conf = load(DATA("data = { \"ip4set:~/four\" }"));
	same_num(
	    listing_data_state(conf->roster->list[0]), LIST_DOUBTED, "a reload ends no doubt");
	atomic_store(conf->roster->list[0]->data_state, LIST_GOOD);
	conf_unref(&conf);
}

static void
test_old(void)
{
	const struct timespec times[2] = {
	    {.tv_sec = clock_wall() - 3 * 86400}, {.tv_sec = clock_wall() - 3 * 86400}};
	struct conf_row row = {
	    "too old", DATA("data = { \"ip4set:~/four\" }"), "1: warning: data: "};

	(void)utimensat(AT_FDCWD, conf_user_path("four"), times, 0);
	datafeeds_sweep();
	ok(conf_user_try(&row, CONF_REGISTRY), "an old file is told of");
	row.text = DATA("data = { \"ip4set:~/odd\", \"ip4set:~/four\" }");
	row.want = "odd:2: warning:\nodd:4: warning:\n1: warning: data: ~/four is 3 days old";
	ok(conf_user_try(&row, CONF_REGISTRY), "beside another one, too");
	row.text = DATA("data = { \"ip4set:~/four\" } max_age = \"0s\"");
	row.want = "";
	ok(conf_user_try(&row, CONF_REGISTRY), "but where it may have any age");
}

static void
test_without(void)
{
	char path[256];
	struct conf *conf;

	snprintf(path, sizeof(path), "%s", conf_user_path("relayguard.conf"));
	conf_user_write("four", "192.0.2.9\n", 0644);
	datafeeds_sweep();
	conf = load(DATA("data = { \"~/nowhere\" }"));
	conf_unref(&conf);
	datafeeds_sweep();
	conf = conf_load_without_data(NULL, path, stderr);
	if (ok(feed_of(conf) != NULL, "a configuration alone")) {
		struct datafeed_state state;

		datafeed_state(feed_of(conf), clock_wall(), &state);
		ok(!state.looked, "no file is looked at");
	}
	conf_unref(&conf);
}

int
main(void)
{
	conf_user_begin();
	conf_user_write_all(files, sizeof(files) / sizeof(files[0]));
	ok(truncate(conf_user_path("large"), 2 << 20) == 0, "a large file, of zeros");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ok(conf_user_try(&rows[i], CONF_REGISTRY), "%s", rows[i].label);
		datafeeds_sweep();
	}
	test_reload();
	test_rules();
	test_doubt();
	test_old();
	test_without();
	datafeeds_sweep();
	conf_user_end();
	return done();
}
