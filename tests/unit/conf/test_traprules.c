/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_traprules.c - the section "traps" and its files: what is read, what is wrong, and that
 * nothing that is said of a trap tells its address.
 */
#include "config.h"

#include "conf/traprules.h"

#include <stdlib.h>

#include "fakes/conf_user.h"
#include "tap.h"

#define DEFAULT CONF_DEFAULT
#define FILES(name) DEFAULT "traps {\nfiles = { \"~/" name "\" } }\n"
#define TRAP(words) DEFAULT "traps {\ntrap \"page\" {\n" words " } }\n"
#define GOOD "kind = \"pristine\" note = \"on the page, 2026\" "
#define READERS "3: warning: traps: everybody on this host may read this file\n"
#define MANY 70000

static const struct conf_row rows[] = {
    {"a file", FILES("good"), ""},
    {"no traps", DEFAULT "traps { }\n", ""},
    {"a file that is not there", FILES("none"), "3: files: ~/none: No such file"},
    {"a file that everybody may write", FILES("wild"),
	"3: files: ~/wild: everybody may write to it"},
    {"a file that everybody may read", FILES("public"),
	"3: warning: files: ~/public: everybody on this host may read it"},
    {"a file of none", FILES("empty"), "3: warning: files: ~/empty holds no trap"},
    {"without own evidence", "own { enabled = false }\n" FILES("good"),
	"4: warning: traps: nobody is listed for them"},
    {"wrong lines", FILES("bad"),
	"bad:1: must be an address or a domain, its id, its kind, and a note\n"
	"bad:2: must be an address or a domain, its id, its kind, and a note\n"
	"bad:3: must be \"pristine\" or \"recycled\"\n"
	"bad:4: the id of a trap has 1 to 32 letters\n"
	"bad:5: the id of a trap has 1 to 32 letters\n"
	"bad:6: must be like \"user@example.org\"\n"
	"bad:7: must be like \"user@example.org\", \"example.org\"\n"
	"bad:8: anybody may have a domain below that\n"
	"bad:9: there are no patterns\n"
	"bad:10: must be printable ASCII"},
    {"what tells the address", FILES("telling"),
	"telling:1: its id is a part of its address\n"
	"telling:2: its note has its address in it\n"
	"telling:3: its id is a part of its address\n"
	"telling:4: its note has its address in it"},
    {"one address twice", FILES("twice"),
	"twice:2: trap \"two\" has an address that is trap \"one\" already, by line 1 of "
	"~/twice"},
    {"one address in two files", DEFAULT "traps { files = { \"~/good\", \"~/again\" } }\n",
	"again:2: trap \"again\" has an address that is trap \"page\" already, by line 2 of "
	"~/good"},

    {"in the section", TRAP(GOOD "recipients = { \"a@our.example\" }"), READERS},
    {"a trap of nothing", TRAP(GOOD),
	"3: warning: trap \"page\" has neither recipients nor domains\n" READERS},
    {"a trap without a kind", TRAP("note = \"x\" recipients = { \"a@our.example\" }"),
	"3: trap \"page\" has no kind\n" READERS},
    {"a trap without a note", TRAP("kind = \"recycled\" domains = { \"t.our.example\" }"),
	"3: trap \"page\" has no note\n" READERS},
    {"another kind", TRAP("kind = \"typo\" note = \"x\" recipients = { \"a@our.example\" }"),
	READERS "4: kind: must be \"pristine\" or \"recycled\""},
    {"a domain among recipients", TRAP(GOOD "\nrecipients = { \"our.example\" }"),
	READERS "5: recipients: is a domain: write it in domains"},
    {"a recipient among domains", TRAP(GOOD "\ndomains = { \"a@our.example\" }"),
	READERS "5: domains: is a recipient: write it in recipients"},
    {"an id that is none",
	DEFAULT "traps {\ntrap \"a b\" { " GOOD "\ndomains = { \"our.example\" } } }\n",
	"3: trap: the id of a trap has 1 to 32 letters\n" READERS},
    {"an id twice", DEFAULT "traps {\ntrap \"a\" { " GOOD "}\ntrap \"a\" { " GOOD "} }\n",
	"4: found duplicate title 'a'"},
    {"an id that tells",
	DEFAULT "traps {\ntrap \"seed\" { " GOOD "recipients = { \"seed@our.example\" } } }\n",
	"3: recipients: its id is a part of its address\n" READERS},

    /* Those that are hardly meant. */
    {"postmaster", FILES("role"),
	"role:1: warning: trap \"a\" is a postmaster or abuse mailbox\n"
	"role:2: warning: trap \"b\" is a postmaster or abuse mailbox"},
    {"exempt",
	DEFAULT "policy \"our.example\" { exempt = { \"postmaster\", \"help\" } }\n"
		"traps { files = { \"~/exempt\" } }\n",
	"exempt:1: warning: trap \"a\" is exempt in policy \"our.example\""},
    {"allowed",
	DEFAULT "allow { senders = { \".seeded.example\" } hosts = { \"t.seeded.example\" } }\n"
		"traps { files = { \"~/allowed\" } }\n",
	"allowed:1: warning: trap \"a\" is a domain that allow has among its senders\n"
	"allowed:1: warning: trap \"a\" is a domain that allow has among its hosts"},
    {"with a policy",
	DEFAULT "policy \"our.example\" { }\npolicy \".all.example\" { }\n"
		"traps { files = { \"~/policy\" } }\n",
	"policy:1: warning: trap \"a\" is a domain that has the policy \"our.example\""},
    {"typing errors",
	DEFAULT "policy \"our-shop.example\" { }\npolicy \"a.ours.example\" { }\n"
		"traps { files = { \"~/typo\" } }\n",
	"typo:1: trap \"a\" is one typing error away from gmail.com\n"
	"typo:2: warning: trap \"b\" is one typing error away from gmail.com\n"
	"typo:3: warning: trap \"c\" is one typing error away from our-shop.example\n"
	"typo:4: warning: trap \"d\" is one typing error away from our-shop.example\n"
	"typo:7: trap \"g\" is one typing error away from hotmail.com"},
};

static const struct conf_file files[] = {
    {"good",
	"# address\tid\tkind\tnote\n"
	"old.sales@our.example\tpage pristine  hidden on the page # 3, 2026-03-01\r\n"
	"\n"
	"  seed+*@our.example page pristine on the same\n"
	"t.our.example  mid  recycled  in message-ids, 2025\n",
	0640},
    {"again", "x@our.example one pristine x\nOld.Sales@OUR.example again pristine x\n", 0600},
    {"wild", "x@our.example one pristine x\n", 0666},
    {"public", "x@our.example one pristine x\n", 0644},
    {"empty", "# none\n\n", 0640},
    {"bad",
	"secret@our.example\n"
	"secret@our.example one pristine\n"
	"secret@our.example one typo x\n"
	"secret@our.example one! pristine x\n"
	"secret@our.example 0123456789012345678901234567890123 pristine x\n"
	"secret@ one pristine x\n"
	"secret one pristine x\n"
	".co.uk one pristine x\n"
	"secret*@our.example one pristine x\n"
	"secret@our.example one pristine \xc3\xbc\n"
	"never@read one\n",
	0640},
    {"telling",
	"secret@our.example Secret pristine x\n"
	"secret@our.example one pristine it is Secret@Our.example\n"
	"secret.example on-secret.example pristine x\n"
	"secret.example two pristine the domain secret.EXAMPLE\n",
	0640},
    {"twice", "a@our.example one pristine x\nA@our.example two pristine x\n", 0640},
    {"role", "postmaster@our.example a pristine x\nAbuse@our.example b recycled x\n", 0640},
    {"exempt", "help@our.example a pristine x\nhelp@other.example b pristine x\n", 0640},
    {"allowed", "t.seeded.example a pristine x\na@t.seeded.example b pristine x\n", 0640},
    {"policy",
	"our.example a pristine x\nb.all.example b pristine x\n"
	"c@our.example one pristine x\n.our.example d pristine x\n",
	0640},
    {"typo",
	"gmial.com a pristine x\n"
	"bob@gmal.com b recycled x\n"
	"ourshop.example c pristine x\n"
	"x@our-shpo.example d pristine x\n"
	"b.ours.example e pristine x\n"
	"our-shop.example.net f pristine x\n"
	"mx.hotmial.com g pristine x\n",
	0640},
};

static void
test_set(void)
{
	char got[4096];
	struct conf *conf = conf_user_load(FILES("good"), NULL, got, sizeof(got));
	const struct trap *trap;

	if (!ok(conf != NULL, "set: loads"))
		return;
	same_num((long long)traps_count(conf->traps), 3, "set: three traps");
	same_num((long long)conf->nfiles, 1, "set: the file is one of those that are read");
	trap = traps_match(conf->traps, "<Seed+news@our.example>");
	same_str(trap != NULL ? trap->id : NULL, "page", "set: several have one id");
	trap = traps_match(conf->traps, "<old.sales@our.example>");
	same_str(trap != NULL ? trap->note : NULL, "hidden on the page # 3, 2026-03-01",
	    "set: its note");
	trap = traps_match(conf->traps, "<x@t.our.example>");
	same_num(trap != NULL ? trap->kind : TRAP_KINDS, TRAP_RECYCLED, "set: its kind");
	conf_unref(&conf);
	conf = conf_user_load(DEFAULT, NULL, got, sizeof(got));
	ok(conf != NULL && conf->traps == NULL, "set: none");
	conf_unref(&conf);
}

/* Whatever is said goes to the log, too. */
static void
test_silence(void)
{
	static const char *const named[] = {"bad", "telling", "again", "good"};
	char got[8192], text[256];

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		struct conf *conf;

		snprintf(text, sizeof(text),
		    DEFAULT "traps { files = { \"~/good\", \"~/%s\" } }\n", named[i]);
		conf = conf_user_load(text, NULL, got, sizeof(got));
		ok(strcasestr(got, "secret@") == NULL &&
			strcasestr(got, "secret.example") == NULL &&
			strcasestr(got, "sales@") == NULL,
		    "silence: %s tells no address", named[i]);
		conf_unref(&conf);
	}
}

static void
test_many(void)
{
	char got[4096], *text = malloc(MANY * 64);
	struct conf *conf;
	size_t len = 0;

	for (unsigned i = 0; i < TRAPS_MAX; i++)
		len += (size_t)snprintf(
		    text + len, 64, "u%u@our.example t%u pristine seeded, 2026\n", i, i);
	conf_user_write("many", text, 0640);
	conf = conf_user_load(FILES("many"), NULL, got, sizeof(got));
	if (ok(conf != NULL, "many: as many as may be"))
		same_num((long long)traps_count(conf->traps), TRAPS_MAX, "many: all of them");
	conf_unref(&conf);
	snprintf(text + len, 64, "one@our.example more pristine x\n");
	conf_user_write("many", text, 0640);
	conf = conf_user_load(FILES("many"), NULL, got, sizeof(got));
	ok(conf == NULL && strstr(got, "many:65537: there are more than 65536 traps") != NULL,
	    "many: one more");
	conf_unref(&conf);
	free(text);
}

int
main(void)
{
	conf_user_begin();
	conf_user_write_all(files, sizeof(files) / sizeof(files[0]));
	CONF_USER_ROWS(rows, NULL);
	test_set();
	test_silence();
	test_many();
	conf_user_end();
	return done();
}
