/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_snapshot.c - what a configuration holds once it is loaded, what stays over
 * a reload, and who keeps it.
 */
#include "config.h"

#include "conf/conf.h"

#include <stdlib.h>

#include "fakes/conf_user.h"
#include "tap.h"

#define DEFAULT CONF_DEFAULT
#define OURS CONF_OURS
#define USE_OURS CONF_USE_OURS
#define USE_KNOWN "policy \"default\" { lists = { \"known\" } refuse = 4 }\n"

static void
test_defaults(void)
{
	char got[1024];
	struct conf *conf = conf_user_load(DEFAULT, NULL, got, sizeof(got));
	const struct policy *policy;
	struct ipaddr addr;
	struct prefix_match match;

	same_str(got, "", "defaults: nothing to say");
	if (!ok(conf != NULL, "defaults: loads"))
		return;
	same_str(conf->listen, "inet:8891@127.0.0.1", "defaults: listen");
	same_str(conf->listen_postfix, "inet:127.0.0.1:8891", "defaults: Postfix's line");
	same_str(conf->listen_path, NULL, "defaults: no path");
	ok(conf->policy == NULL && conf->policy_path == NULL, "defaults: the milter alone");
	same_num(conf->socket_mode, 0660, "defaults: socket_mode");
	same_num(conf->deadline_ms, 4000, "defaults: deadline");
	same_num(conf->lines, 3, "defaults: lines");
	same_num((long long)conf->memory, 16 << 20, "defaults: memory");
	ok(conf->authserv_id == NULL && conf->spf_processes == 128, "defaults: spf");
	ok(!conf->marks && !conf->quarantines, "defaults: no headers, and nothing is held");
	ok(conf->category_text[CATEGORY_DYNAMIC] == NULL, "defaults: no own texts");
	ok(domainset_count(conf->allow_senders) == 0 && domainset_count(conf->allow_hosts) == 0,
	    "defaults: nobody is believed by name");
	ok(!conf->shadow && !conf->use_redis, "defaults: neither shadow nor redis");
	ok(conf->servers[0] == NULL, "defaults: no servers");
	ok(conf->user == NULL && conf->group == NULL && conf->pid_file == NULL,
	    "defaults: users");
	ok(conf->sandbox, "defaults: sandbox");
	ok(conf->max_sessions == 0 && conf->max_lookups == 0, "defaults: limits");
	same_num((long long)conf->nfiles, 0, "defaults: no files");
	same_num(conf->roster->n, 0, "defaults: no list is trusted");
	policy = policies_find(conf->policies, "anything.example");
	same_num(policy->refuse, 5, "defaults: refuse");
	same_num(policy->defer, 0, "defaults: defer");
	same_num(policy->doubt, DOUBT_DEFER, "defaults: doubt");
	same_num(conf->health.interval_ms, 600000, "defaults: interval");
	same_num(conf->health.failures, 2, "defaults: failures");
	same_num(conf->health.passes, 3, "defaults: passes");
	ok(conf->health.confirmation, "defaults: proof");
	same_num((long long)policy->nexempt, 2, "defaults: exempt");
	same_num((long long)prefix_count(conf->allow.set), 2, "defaults: allow");
	same_num((long long)prefix_count(conf->deny.set), 0, "defaults: deny");
	ok(ipaddr_parse(&addr, "127.8.9.10") && prefix_find(conf->allow.set, &addr, &match),
	    "defaults: loopback is allowed");
	conf_unref(&conf);
	ok(conf == NULL, "unref clears the pointer");
}

static const char FULL[] =
    "listen = { \"policy:unix:/var/spool/postfix/relayguard/policy.sock\",\n"
    "\"unix:/var/spool/postfix/relayguard/milter.sock\" }\n"
    "mode = \"shadow\" deadline = 1500ms user = rg group = rg\n"
    "socket_mode = 0600 socket_group = \"postfix\" pid_file = \"/run/rg.pid\"\n"
    "sandbox = false limits { sessions = 5000 inquiries = 700 }\n"
    "cache { redis = \"redis://127.0.0.1:6380/3\" user = \"rg\" password_file = \"~/key\"\n"
    "	memory = 2M }\n"
    "dns { servers = { \"127.0.0.1\", \"[::1]:5353\" } }\n"
    "health { interval = \"90s\" failures = 3 passes = 1 proof = false }\n"
    "list \"known\" {\n"
    "	name = \"Renamed\" ipv6 = yes servers = { \"127.0.0.1:5353\" }\n"
    "	answer \"127.0.0.3\" { score = 1 }\n"
    "	answer \"127.1.0.&8\" { category = \"open-proxy\" score = -2 text = \"no\" }\n"
    "}\n"
    "list \"keyed\" { key_file = \"~/key\" test_entry = false }\n" OURS
    "allow { networks += { \"198.51.100.7\" } }\n"
    "texts = \"~/texts\" authserv_id = \"mx.example\" spf { processes = 3 }\n"
    "allow { senders = { \"Partner.example\" } hosts = { \".partner.example\" } }\n"
    "deny { networks = { \"198.51.100.0/24\" } removal = \"https://x/%{ip}\" }\n"
    "policy \"default\" { lists = { \"known*3\", \"keyed\" } tag = 1 }\n"
    "policy \"Strict.example\" { lists = { \"ours\", \"known\" } refuse = 3 defer = 2\n"
    "	doubt = \"refuse\"\n"
    "	text = \"no\" exempt = { \"Abuse@Strict.example\", \"postmaster@x.example\" } }\n";

static void
test_lists(const struct roster *roster)
{
	const struct listing *known = roster->list[0], *keyed = roster->list[1];

	same_num(roster->n, 3, "full: only the lists that are named");
	same_str(known->label, "known", "full: label");
	same_str(known->name, "Renamed", "full: the file's name wins");
	same_str(known->zone, "known.example", "full: the registry's zone stays");
	same_str(known->removal, "https://known.example/?ip=%{ip}", "full: and its removal");
	ok(known->ipv4 && known->ipv6, "full: asked about both");
	same_str(known->servers[0], "127.0.0.1:5353", "full: own server");
	same_num(known->nanswers, 3, "full: answers are merged");
	same_num(known->answers[0].score, 4, "full: an answer as it was");
	same_num(known->answers[1].score, 1, "full: an answer with another score");
	same_num(known->answers[1].category, CATEGORY_DYNAMIC, "full: and its old category");
	same_str(known->answers[1].name, "Known Dial", "full: and its old name");
	same_num(known->answers[2].codes.bits, 8, "full: an answer more");
	same_num(known->best, -2, "full: best");
	same_num(known->worst, 4, "full: worst");
	same_str(keyed->zone, "sekrit-KEY_1.keyed.example", "full: the key is in the zone");
	same_str(keyed->name, "keyed", "full: a name is the label by default");
	ok(known->test_entry && !keyed->test_entry, "full: test entries");
	ok(known->state != NULL && keyed->state != known->state, "full: each has a standing");
}

/* The key may be in a zone, and nowhere else. */
static void
test_secrecy(const struct conf *conf)
{
	bool leaked = false;

	for (unsigned i = 0; i < conf->roster->n; i++) {
		const struct listing *list = conf->roster->list[i];

		leaked |= strstr(list->label, "sekrit") != NULL;
		leaked |= strstr(list->name, "sekrit") != NULL;
		leaked |= list->removal != NULL && strstr(list->removal, "sekrit") != NULL;
	}
	ok(!leaked && strstr(conf->listen, "sekrit") == NULL, "full: the key is nowhere else");
}

static void
test_full(void)
{
	char got[1024];
	struct conf *conf = conf_user_load(FULL, CONF_REGISTRY, got, sizeof(got));
	const struct policy *policy;
	struct mailbox abuse, other;

	same_str(got, "", "full: nothing to say");
	if (!ok(conf != NULL, "full: loads"))
		return;
	same_str(
	    conf->listen, "unix:/var/spool/postfix/relayguard/milter.sock", "full: listen");
	same_str(conf->listen_postfix, "unix:relayguard/milter.sock", "full: Postfix's line");
	same_str(
	    conf->listen_path, "/var/spool/postfix/relayguard/milter.sock", "full: the path");
	same_str(conf->policy, "unix:relayguard/policy.sock", "full: policy delegation");
	same_str(
	    conf->policy_path, "/var/spool/postfix/relayguard/policy.sock", "full: its path");
	ok(conf->shadow && conf->deadline_ms == 1500, "full: mode and deadline");
	ok(!conf->sandbox, "full: sandbox");
	ok(conf->max_sessions == 5000 && conf->max_lookups == 700, "full: limits");
	ok(conf->nfiles > 0, "full: files");
	same_str(conf->authserv_id, "mx.example", "full: authserv_id");
	same_num(conf->spf_processes, 3, "full: processes");
	ok(conf->marks && !conf->quarantines, "full: headers, but nothing is held");
	same_str(conf->category_text[CATEGORY_DYNAMIC], "It is dynamic.", "full: own text");
	ok(domainset_find(conf->allow_senders, "partner.example", NULL), "full: senders");
	ok(domainset_find(conf->allow_hosts, "mx.partner.example", NULL), "full: hosts");
	same_num(conf->socket_mode, 0600, "full: socket_mode");
	same_str(conf->socket_group, "postfix", "full: socket_group");
	same_str(conf->pid_file, "/run/rg.pid", "full: pid_file");
	ok(conf->use_redis, "full: redis");
	same_num(conf->redis.port, 6380, "full: its port");
	same_num(conf->redis.db, 3, "full: its database");
	same_str(conf->redis.user, "rg", "full: its user");
	same_str(conf->redis.password, "sekrit-KEY_1", "full: its password");
	same_num((long long)conf->memory, 2 << 20, "full: memory");
	same_str(conf->servers[1], "[::1]:5353", "full: servers");
	ok(conf->servers[2] == NULL, "full: no more servers");
	same_num((long long)prefix_count(conf->allow.set), 3, "full: += adds to the default");
	same_str(conf->deny_removal, "https://x/%{ip}", "full: removal of deny");
	same_num(conf->health.interval_ms, 90000, "full: interval");
	ok(conf->health.failures == 3 && conf->health.passes == 1 && !conf->health.confirmation,
	    "full: the rest of health");
	test_lists(conf->roster);
	test_secrecy(conf);
	policy = policies_find(conf->policies, "strict.EXAMPLE");
	same_str(policy->name, "Strict.example", "full: the policy of a domain");
	ok(policy->shadow, "full: shadow for all is shadow for it");
	ok(policy->refuse == 3 && policy->defer == 2, "full: its thresholds");
	same_num(policy->doubt, DOUBT_REFUSE, "full: its doubt");
	same_num(policy->nvotes, 2, "full: its lists");
	same_num(policy->vote[0].list, 2, "full: the first is ours");
	same_num((long long)policy->lists, 5, "full: as bits");
	ok(mailbox_parse(&abuse, "<abuse@strict.example>") &&
		policy_exempts(policy, &abuse, NULL),
	    "full: its exempt, whatever its case");
	ok(mailbox_parse(&other, "<postmaster@strict.example>") &&
		!policy_exempts(policy, &other, NULL),
	    "full: = replaces the default");
	policy = policies_find(conf->policies, "else.example");
	same_num(policy->vote[0].weight, 3, "full: a weight");
	conf_unref(&conf);
}

/* A list keeps its id as long as its label and zone stay; loads leave nothing
 * behind, good or bad. */
static void
test_reload(void)
{
	static const char *const bad[] = {"mode = \"", "list \"a\" { zone = 5", "colour = 1\n",
	    ("deny { files = { \"~/badnets\" } }\n" DEFAULT), "user = \"\\9\"\n", "}"};
	char got[1024];
	uint32_t first = 0, second = 0;
	atomic_uint *state = NULL;
	unsigned wrong = 0;

	for (unsigned i = 0; i < 200; i++) {
		struct conf *conf = conf_user_load(FULL, CONF_REGISTRY, got, sizeof(got));
		struct conf *none = conf_user_load(bad[i % 6], CONF_REGISTRY, got, sizeof(got));

		if (conf == NULL || none != NULL) {
			wrong++;
			continue;
		}
		if (i == 0) {
			first = conf->roster->list[0]->id;
			second = conf->roster->list[1]->id;
			state = conf->roster->list[0]->state;
			atomic_store(state, LIST_DOUBTED);
		}
		wrong +=
		    conf->roster->list[0]->id != first || conf->roster->list[1]->id != second;
		wrong += conf->roster->list[0]->state != state;
		conf_install(conf);
	}
	same_num(wrong, 0, "reload: the same each time, after bad files too");
	same_num(atomic_load(state), LIST_DOUBTED, "reload: the standing stays");
	ok(first != second, "reload: each list has an id of its own");
	struct conf *moved = conf_user_load(OURS USE_OURS, CONF_REGISTRY, got, sizeof(got));
	struct conf *again =
	    conf_user_load("list \"known\" { zone = \"other.example\" }\n" USE_KNOWN,
		CONF_REGISTRY, got, sizeof(got));

	ok(moved != NULL && again != NULL && again->roster->list[0]->id != first,
	    "reload: another zone is another id");
	conf_unref(&moved);
	conf_unref(&again);
}

static void
test_references(void)
{
	char got[1024];
	struct conf *conf = conf_user_load(DEFAULT, NULL, got, sizeof(got)), *held;

	conf_install(conf);
	held = conf_current();
	ok(held == conf, "the current one is what was installed");
	conf_install(conf_user_load(DEFAULT, NULL, got, sizeof(got)));
	same_num(held->deadline_ms, 4000, "who holds a snapshot keeps it");
	conf_unref(&held);
	conf_install(NULL);
	ok(conf_current() == NULL, "none is current");
}

/* A file that has lost its networks is told of at a reload, and how many there were. */
static void
test_loss(void)
{
	static const struct {
		const char *label, *content, *said;
	} steps[] = {
	    {"none yet", "# none\n", "nets holds no network"},
	    {"four", "192.0.2.1\n192.0.2.2\n192.0.2.3\n192.0.2.4\n", ""},
	    {"two", "192.0.2.1\n192.0.2.2\n", ""},
	    {"none", "", "nets holds 0 networks, and held 2"},
	    {"none again", "", "nets holds no network"},
	    {"five", "192.0.2.1\n192.0.2.2\n192.0.2.3\n192.0.2.4\n192.0.2.5\n", ""},
	    {"not half", "192.0.2.1\n192.0.2.2\n", "nets holds 2 networks, and held 5"},
	    {"one", "192.0.2.1\n", ""},
	    {"the only one", "\n", "nets holds 0 networks, and held 1"},
	};
	char got[1024];

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		conf_user_write("nets", steps[i].content, 0644);
		conf_install(conf_user_load(
		    "deny { files = { \"~/nets\" } }\n" DEFAULT, NULL, got, sizeof(got)));
		if (!ok((got[0] == '\0') == (steps[i].said[0] == '\0') &&
			    strstr(got, steps[i].said) != NULL,
			"loss: %s", steps[i].label))
			printf("# %s\n", got);
	}
	conf_install(NULL);
}

int
main(void)
{
	conf_user_begin();
	mkdir(conf_user_path("texts"), 0755);
	conf_user_write("texts/category.dynamic", "It is dynamic.\n", 0644);
	conf_user_write("key", "sekrit-KEY_1\n", 0640);
	conf_user_write("badnets", "198.51.100.0/24\n198.51.100.1/24\n", 0644);
	test_defaults();
	test_full();
	test_reload();
	test_references();
	test_loss();
	conf_user_end();
	return done();
}
