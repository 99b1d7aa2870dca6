/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_replay.c - a decision under another configuration: what it would be, or what would have
 * to be known; and what is counted of several.
 */
#include "config.h"

#include "ctl/replay.h"

#include <stdlib.h>

#include "ctl/changes.h"
#include "ctl/storelog.h"
#include "fakes/conf_user.h"
#include "tap.h"

#define LISTS CONF_LIST("a", "", "5") CONF_LIST("b", "", "4") CONF_LIST("white", "", "-3")
#define SAME "policy \"default\" { lists = { \"a\", \"b\" } refuse = 5 }\n"

static const char then[] = LISTS SAME "policy \"x.example\" { lists = { \"a\" } refuse = 3 }\n";

#define A_ALONE                                                                       \
	"verdict=refuse reason=lists client=192.0.2.1 to=b@y.example policy=default " \
	"score=5/5 lists=a:127.0.0.2*5 "
#define BOTH                                                                          \
	"verdict=refuse reason=lists client=192.0.2.1 to=b@y.example policy=default " \
	"score=9/5 lists=a:127.0.0.2*5,b:127.0.0.2*4 "
#define CONNECT                                                                \
	"verdict=drop reason=lists client=192.0.2.1 policy=default score=9/9 " \
	"lists=a:127.0.0.2*5,b:127.0.0.2*4 "

static const struct {
	const char *label;
	const char *now; /* beside the lists */
	const char *line;
	enum replay_gap gap;
	enum action action;
} rows[] = {
    {"nothing has changed", SAME, A_ALONE, REPLAY_KNOWN, ACTION_REFUSE},
    {"another threshold", "policy \"default\" { lists = { \"a\", \"b\" } refuse = 6 }\n",
	A_ALONE, REPLAY_KNOWN, ACTION_PASS},
    {"two are enough", "policy \"default\" { lists = { \"a\", \"b\" } refuse = 9 }\n", BOTH,
	REPLAY_KNOWN, ACTION_REFUSE},
    {"one list less", "policy \"default\" { lists = { \"b\" } refuse = 5 defer = 4 }\n", BOTH,
	REPLAY_KNOWN, ACTION_DEFER},
    {"a weight", "policy \"default\" { lists = { \"b*2\" } refuse = 5 drop = 8 }\n", BOTH,
	REPLAY_KNOWN, ACTION_DROP},
    {"the policy of the domain", SAME "policy \"y.example\" { lists = { } }\n", BOTH,
	REPLAY_KNOWN, ACTION_PASS},
    {"its name in UTF-8", SAME "policy \"xn--mnchen-3ya.example\" { lists = { } }\n",
	"verdict=refuse reason=lists client=192.0.2.1 to=\"bob@m\\u00c3\\u00bcnchen.example\" "
	"policy=default score=5/5 lists=a:127.0.0.2*5",
	REPLAY_KNOWN, ACTION_PASS},
    {"allowed", SAME "allow { networks = { \"192.0.2.0/24\" } }\n", BOTH, REPLAY_KNOWN,
	ACTION_PASS},
    {"denied", "policy \"default\" { } deny { networks = { \"192.0.2.1\" } }\n", BOTH,
	REPLAY_KNOWN, ACTION_REFUSE},
    {"in shadow", "mode = \"shadow\"\n" SAME, BOTH, REPLAY_KNOWN, ACTION_PASS},
    {"exempt", "policy \"default\" { lists = { \"a\" } refuse = 5 exempt = { \"b\" } }\n", BOTH,
	REPLAY_KNOWN, ACTION_PASS},
    {"one that nobody asked may speak for it",
	"policy \"default\" { lists = { \"a\", \"white\" } refuse = 5 }\n", A_ALONE,
	REPLAY_LISTS, 0},
    {"but not enough to matter",
	"policy \"default\" { lists = { \"a\", \"b\", \"white\" } refuse = 5 }\n", BOTH,
	REPLAY_KNOWN, ACTION_REFUSE},
    {"nobody waited for it", "policy \"default\" { lists = { \"a\", \"b\" } refuse = 6 }\n",
	A_ALONE "not-awaited=b", REPLAY_LISTS, 0},
    {"it does not matter", SAME, A_ALONE "not-awaited=b", REPLAY_KNOWN, ACTION_REFUSE},
    {"it gave no answer, and would give none",
	"policy \"default\" { lists = { \"a\", \"b\" } refuse = 6 }\n", A_ALONE "unknown=b",
	REPLAY_KNOWN, ACTION_PASS},
    {"a list in doubt", SAME, A_ALONE "doubted=a", REPLAY_KNOWN, ACTION_DEFER},
    {"a doubt that passes",
	"policy \"default\" { lists = { \"a\" } refuse = 5 doubt = \"pass\" }\n",
	A_ALONE "doubted=a", REPLAY_KNOWN, ACTION_PASS},
    {"a suspended list", SAME, BOTH "suspended=a", REPLAY_KNOWN, ACTION_PASS},
    {"SPF would have to be known",
	"policy \"default\" { lists = { \"b\" } refuse = 5 spf_fail = \"refuse\" }\n", BOTH,
	REPLAY_SPF, 0},
    {"it is known",
	"policy \"default\" { lists = { \"b\" } refuse = 5 spf_fail = \"refuse\" }\n",
	BOTH "spf=fail", REPLAY_KNOWN, ACTION_REFUSE},
    {"so would the name", SAME "allow { hosts = { \"h.example\" } }\n",
	"verdict=refuse reason=lists client=192.0.2.1 name=h.example to=b@y.example "
	"policy=default score=5/5 lists=a:127.0.0.2*5",
	REPLAY_HOST, 0},
    {"it is its own", SAME "allow { hosts = { \"h.example\" } }\n",
	"verdict=refuse reason=lists client=192.0.2.1 name=h.example to=b@y.example "
	"policy=default score=5/5 lists=a:127.0.0.2*5 iprev=confirmed",
	REPLAY_KNOWN, ACTION_PASS},
    {"no list was asked", SAME,
	"verdict=refuse reason=deny client=192.0.2.1 to=b@y.example policy=default",
	REPLAY_LISTS, 0},
    {"dropped at connect",
	"policy \"default\" { lists = { \"a\", \"b\" } refuse = 5 drop = 9 drop_at = \"connect\" }\n",
	CONNECT, REPLAY_KNOWN, ACTION_DROP},
    {"no more at connect", SAME, CONNECT, REPLAY_CONNECT, 0},
    {"apart", SAME, BOTH "apart=yes", REPLAY_APART, 0},
    {"a list of lists that is cut", SAME,
	"verdict=refuse reason=lists client=192.0.2.1 to=b@y.example lists=a:127.0.0.2*5,...",
	REPLAY_CUT, 0},
    {"names of nobody", SAME,
	"verdict=refuse reason=lists client=2001:db8::1 from=@ to=@y.example policy=default "
	"lists=a:127.0.0.2*5,z:127.0.0.2*5,a:helo:127.0.0.2*5,a:0.0.0*3",
	REPLAY_KNOWN, ACTION_REFUSE},
};

static struct conf *
load(const char *text)
{
	char said[2000] = "";
	struct conf *conf = conf_user_load(text, NULL, said, sizeof(said));

	if (conf != NULL)
		return conf;
	fprintf(stderr, "%s%s", text, said);
	abort();
}

static void
add_row(struct changes *c, const struct replay *r, const char *words, struct replayed *d)
{
	char line[600];
	struct logentry entry;
	const struct store_row row = {.time = 1793577600, .line = line, .conf = r->then->sum};

	snprintf(line, sizeof(line), "ref=KF3K2Q9M %s", words);
	ok(storelog_entry(&entry, &row), "%s", words);
	replay_decide(r, &row, &entry, d);
	changes_add(c, r, &row);
}

static void
test_row(const struct conf *before, size_t i)
{
	char text[2000];
	struct replayed d;
	struct changes *c = changes_new();
	struct conf *now;

	snprintf(text, sizeof(text), LISTS "%s", rows[i].now);
	now = load(text);
	add_row(c, &(struct replay){before, now}, rows[i].line, &d);
	same_num(d.gap, rows[i].gap, rows[i].label);
	if (rows[i].gap == REPLAY_KNOWN)
		same_str(action_name(d.now), action_name(rows[i].action), rows[i].label);
	same_num((long long)c->unknown, rows[i].gap != REPLAY_KNOWN, rows[i].label);
	same_num((long long)(c->same + c->differ), rows[i].gap == REPLAY_KNOWN, rows[i].label);
	same_num((long long)c->other, 0, rows[i].label);
	changes_free(c);
	conf_unref(&now);
}

int
main(void)
{
	struct conf *before;

	conf_user_begin();
	before = load(then);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		test_row(before, i);
	conf_unref(&before);
	conf_user_end();
	return done();
}
