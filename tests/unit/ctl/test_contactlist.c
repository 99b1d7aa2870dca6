/* SPDX-License-Identifier: BSD-2-Clause */
/* test_contactlist.c - which addresses are contacts, and which are the better ones. */
#include "config.h"

#include "ctl/contactlist.h"

#include "base/strbuf.h"
#include "tap.h"

/* Texts as DNS has them, and the contacts with "|" between. */
static const struct {
	const char *text, *want;
	unsigned withdrawn, unusable;
} texts[] = {
    {"abuse@isp.example", "abuse@isp.example", 0, 0},
    {"abuse@isp.example,noc@isp.example", "abuse@isp.example|noc@isp.example", 0, 0},
    {" abuse@isp.example , noc@ISP.example,", "abuse@isp.example|noc@isp.example", 0, 0},
    {"abuse@isp.example,ABUSE@isp.example", "abuse@isp.example", 0, 0},
    {"removed@lacnic.net", "", 1, 0},
    {"abuse@lacnic.net", "", 1, 0},
    {"removed@lacnic.net,abuse@isp.example", "abuse@isp.example", 1, 0},
    {"abuse@notlacnic.net", "abuse@notlacnic.net", 0, 0},
    {"DATA REDACTED", "", 0, 1},
    {"", "", 0, 0},
    {",,", "", 0, 0},
    {"abuse", "", 0, 1},
    {"@isp.example", "", 0, 1},
    {"abuse@", "", 0, 1},
    {"abuse@isp", "", 0, 1},
    {"abuse@192.0.2.1", "", 0, 1},
    {"abuse@isp..example", "", 0, 1},
    {"a b@isp.example", "", 0, 1},
    {"$(reboot)@isp.example", "", 0, 1},
    {"-oQ/tmp@isp.example", "", 0, 1},
    {"abuse@isp.example\033[2J", "", 0, 1},
    {"<abuse@isp.example>", "", 0, 1},
    {"a@b@isp.example", "", 0, 1},
};

static void
test_texts(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		static struct contactlist list;
		char all[256];
		struct strbuf sb;

		list = (struct contactlist){0};
		contactlist_add_text(
		    &list, texts[i].text, &(struct contact){.source = CONTACT_ABUSIX});
		strbuf_init(&sb, all, sizeof(all));
		for (size_t n = 0; n < list.n; n++)
			strbuf_addf(&sb, "%s%s", n > 0 ? "|" : "", list.contact[n].address);
		same_str(all, texts[i].want, texts[i].text);
		same_num(list.withdrawn, texts[i].withdrawn, "withdrawn");
		same_num(list.unusable, texts[i].unusable, "unusable");
	}
}

static void
add(struct contactlist *list, const char *address, enum contact_source source, unsigned pref)
{
	(void)contactlist_add(
	    list, address, strlen(address), &(struct contact){.source = source, .pref = pref});
}

static void
test_order(void)
{
	static const char *const want[] = {"first@isp.example", "abuse@isp.example",
	    "z@isp.example", "noc@isp.example", "net@isp.example", "a@isp.example"};
	static struct contactlist list;

	add(&list, "a@isp.example", CONTACT_GUESS, 1);
	add(&list, "net@isp.example", CONTACT_ABUSENET, 1);
	add(&list, "abuse@isp.example", CONTACT_ABUSIX, 1);
	add(&list, "noc@isp.example", CONTACT_ABUSIX, 1);
	add(&list, "z@isp.example", CONTACT_RDAP, CONTACTLIST_NO_PREF);
	add(&list, "abuse@isp.example", CONTACT_RDAP, 2);
	add(&list, "abuse@isp.example", CONTACT_GUESS, 1);
	add(&list, "first@isp.example", CONTACT_RDAP, 1);
	contactlist_sort(&list);
	same_num((long long)list.n, 6, "each once");
	for (size_t i = 0; i < list.n; i++)
		same_str(list.contact[i].address, want[i], "the best first");
	for (int i = 0; i < 2 * CONTACTLIST_MAX; i++) {
		char address[32];

		(void)snprintf(address, sizeof(address), "u%d@isp.example", i);
		add(&list, address, CONTACT_RDAP, 1);
	}
	same_num((long long)list.n, CONTACTLIST_MAX, "there is an end");
}

int
main(void)
{
	test_texts();
	test_order();
	for (enum contact_source s = CONTACT_RDAP; s < CONTACT_SOURCES; s++)
		same_num(
		    contact_source_parse(contact_source_name(s)), s, "the name of a source");
	same_num(contact_source_parse("x"), CONTACT_SOURCES, "none");
	same_num(contact_source_parse(NULL), CONTACT_SOURCES, "no name");
	return done();
}
