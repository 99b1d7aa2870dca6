/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_probeform.c - the forms that relay testers use, and those that only look alike: h is our
 * host, I an address of ours, L a domain of ours, d another.
 */
#include "config.h"

#include "own/probeform.h"

#include <string.h>

#include "tap.h"

#define H "mx.our.example"
#define I "[192.0.2.25]"
#define L "our.example"
#define D "third.example"

static const struct {
	const char *path;
	enum probe_form form;
	const char *target; /* NULL: it leads nowhere */
} rows[] = {
    {"<u@" D ">", PROBE_PLAIN, D},
    {"u@" D, PROBE_PLAIN, D},
    {" <u@" D ">", PROBE_PLAIN, D},
    {"<U@Third.Example>", PROBE_PLAIN, D},
    {"<u@" D ".>", PROBE_PLAIN, D},
    {"<\"u\"@" D ">", PROBE_PLAIN, D},
    {"<u@[192.0.2.77]>", PROBE_PLAIN, "[192.0.2.77]"},
    {"<u%0a@" D ">", PROBE_PLAIN, D},
    {"<u%" D "@" H ">", PROBE_PERCENT, D},
    {"<u%" D "@" I ">", PROBE_PERCENT, D},
    {"<\"u%" D "\">", PROBE_PERCENT, D},
    {"<u%" D ">", PROBE_PERCENT, D},
    {"<u%" D "@localhost>", PROBE_PERCENT, D},
    {"<u%" D "%" H "@" H ">", PROBE_PERCENT, D},
    {"<u%" D "@" L ">", PROBE_PERCENT, D},
    {"<\"u@" D "\">", PROBE_AT, D},
    {"<u@" D "@" I ">", PROBE_AT, D},
    {"<\"u@" D "\"@" I ">", PROBE_AT, D},
    {"<u@" D "@" H ">", PROBE_AT, D},
    {"<\"u@" D "\"@" H ">", PROBE_AT, D},
    {"<\"u@" D "\"@" L ">", PROBE_AT, D},
    {"<u@" D "@" L ">", PROBE_AT, D},
    {"<u@" D "@>", PROBE_AT, D},
    {"<@" I ":u@" D ">", PROBE_ROUTE, D},
    {"<@" H ":u@" D ">", PROBE_ROUTE, D},
    {"<@" H ",@x.example:u@" D ">", PROBE_ROUTE, D},
    {"<@" L ":u@" D ">", PROBE_ROUTE, D},
    {"<" H ":u@" D ">", PROBE_ROUTE, D},
    {"<" D "!u>", PROBE_BANG, D},
    {"<" D "!u@" I ">", PROBE_BANG, D},
    {"<" D "!u@" H ">", PROBE_BANG, D},
    {"<" D "!u@" L ">", PROBE_BANG, D},
    {"<" H "!" D "!u@" H ">", PROBE_BANG, D},
    {"<postmaster>", PROBE_PLAIN, NULL},
    {"<>", PROBE_PLAIN, NULL},
    {"", PROBE_PLAIN, NULL},
    /* What people and programs write. */
    {"<user+tag@" D ">", PROBE_PLAIN, D},
    {"<list-u=" D "@" L ">", PROBE_PLAIN, L},
    {"<SRS0=abcd=XY=" D "=u@" L ">", PROBE_PLAIN, L},
    {"<prvs=0123456789=u@" D ">", PROBE_PLAIN, D},
    {"<bounce-12%34@" D ">", PROBE_PLAIN, D},
    {"<100%!@" D ">", PROBE_PLAIN, D},
    {"<\"/c=de/a=x/p=y/s=u/\"@" L ">", PROBE_PLAIN, L},
    {"<\"a:b\"@" D ">", PROBE_PLAIN, D},
    {"<list-u%" D "@" L ">", PROBE_PERCENT, D},
};

static const struct {
	const char *path;
	enum probe_sender shape;
} senders[] = {
    {"<>", PROBE_SENDER_NULL},
    {"<double-bounce@x.example>", PROBE_SENDER_NULL},
    {"<Double-Bounce1x2y@x.example>", PROBE_SENDER_NULL},
    {"<double-bounce>", PROBE_SENDER_BARE},
    {"<root>", PROBE_SENDER_BARE},
    {"<a@localhost>", PROBE_SENDER_LOCALHOST},
    {"<a@[192.0.2.25]>", PROBE_SENDER_LITERAL},
    {"<a@[192.168.1.5]>", PROBE_SENDER_LOCALHOST},
    {"<a@" L ">", PROBE_SENDER_OWN},
    {"<a@OUR.Example>", PROBE_SENDER_OWN},
    {"<a@" D ">", PROBE_SENDER_OUTSIDE},
};

static bool
is_own(const void *arg, const char *domain)
{
	return strcmp(arg, domain) == 0;
}

/* What a mail server brings for whoever types it, and what nobody but a tester writes. */
static void
test_counting(void)
{
	static const char *const through[] = {"<u%" D "@" L ">", "<u%" D "@" H ">",
	    "<u%" D "@" I ">", "<" D "!u@" L ">", "<\"u@" D "\"@" H ">",
	    "<u%" D "@left.example>"};
	static const struct {
		const char *path;
		enum probe_form form;
	} by_hand[] = {{"<u%" D ">", PROBE_PERCENT}, {"<\"u%" D "\">", PROBE_PERCENT},
	    {"<u%" D "@localhost>", PROBE_PERCENT}, {"<" D "!u>", PROBE_BANG},
	    {"<\"u@" D "\">", PROBE_AT}, {"<u@" D "@" H ">", PROBE_AT},
	    {"<u@" D "@>", PROBE_AT}, {"<@" L ":u@" D ">", PROBE_ROUTE},
	    {"<" H ":u@" D ">", PROBE_ROUTE}, {"<u@" D ">", PROBE_PLAIN}};
	struct probeform p;

	for (size_t i = 0; i < sizeof(through) / sizeof(through[0]); i++) {
		probeform_parse(&p, through[i]);
		same_num(probeform_count_as(&p), PROBE_THROUGH, through[i]);
	}
	for (size_t i = 0; i < sizeof(by_hand) / sizeof(by_hand[0]); i++) {
		probeform_parse(&p, by_hand[i].path);
		same_num(probeform_count_as(&p), by_hand[i].form, by_hand[i].path);
	}
}

static void
test_senders(void)
{
	struct mailbox m;

	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++) {
		mailbox_parse(&m, senders[i].path);
		same_num(probeform_sender(&m, is_own, L), senders[i].shape, senders[i].path);
	}
}

static void
test_helo(void)
{
	ok(probeform_helo_is_name("mail.example.net"), "a host's name");
	ok(probeform_helo_is_name("mail.example.net."), "with its last dot");
	ok(!probeform_helo_is_name("WIN-0A1B2C3D4E5"), "a Windows name");
	ok(!probeform_helo_is_name("192.0.2.1"), "an address");
	ok(!probeform_helo_is_name("[192.0.2.1]"), "a literal");
	ok(!probeform_helo_is_name(""), "nothing");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct probeform p;
		bool leads = probeform_parse(&p, rows[i].path);

		same_str(leads ? p.target : NULL, rows[i].target, rows[i].path);
		if (leads && rows[i].target != NULL)
			same_str(
			    probeform_name(p.form), probeform_name(rows[i].form), rows[i].path);
	}
	test_counting();
	test_senders();
	test_helo();
	return done();
}
