/* SPDX-License-Identifier: BSD-2-Clause */
/* test_canary.c - which blocks a list has, and what is drawn from each of them. */
#include "config.h"

#include "health/canary.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DRAWN 200

/* Lists: of both families, of either alone, of names, and with own networks. */
static struct listing both = {.ipv4 = true, .ipv6 = true}, v4 = {.ipv4 = true},
		      v6 = {.ipv6 = true}, sender = {.role = ROLE_SENDER, .ipv4 = true},
		      own = {
			  .ipv4 = true,
			  .ipv6 = true,
			  .ncanaries = 3,
			  .canary = {{{32, {192, 88, 99}}, 24}, {{128, {0x20, 0x01, 0, 2}}, 48},
			      {{32, {198, 18}}, 15}},
};

static const struct {
	const char *label;
	const struct listing *list;
	unsigned blocks[CANARY_SIDES];
} rows[] = {
    {"both families", &both, {2, 2, 2, 2, 2, 0}},
    {"IPv4 alone", &v4, {2, 2, 2, 2, 0, 0}},
    {"IPv6 alone", &v6, {0, 0, 0, 0, 2, 0}},
    {"names", &sender, {0, 0, 0, 0, 0, 3}},
    {"own networks, for all of IPv4", &own, {2, 2, 2, 2, 1, 0}},
};

static const struct {
	const struct listing *list;
	struct canary_block block;
	const char *net;
} nets[] = {
    {&both, {CANARY_0, 0}, "0.0.0.0/8"},
    {&both, {CANARY_0, 1}, "10.0.0.0/8"},
    {&both, {CANARY_64, 0}, "100.64.0.0/10"},
    {&both, {CANARY_64, 1}, "127.128.0.0/9"},
    {&both, {CANARY_128, 0}, "172.16.0.0/12"},
    {&both, {CANARY_128, 1}, "169.254.0.0/16"},
    {&both, {CANARY_192, 0}, "224.0.0.0/4"},
    {&both, {CANARY_192, 1}, "240.0.0.0/4"},
    {&both, {CANARY_V6, 0}, "2001:db8::/32"},
    {&both, {CANARY_V6, 1}, "3fff::/20"},
    {&sender, {CANARY_NAME, 0}, ".invalid"},
    {&sender, {CANARY_NAME, 1}, ".test"},
    {&sender, {CANARY_NAME, 2}, ".example"},
    {&own, {CANARY_0, 0}, "192.88.99.0/24"},
    {&own, {CANARY_192, 1}, "198.18.0.0/15"},
    {&own, {CANARY_V6, 0}, "2001:2::/48"},
};

static const struct {
	const char *address;
	enum canary_side side;
} sides[] = {
    {"0.0.0.0", CANARY_0},
    {"63.255.255.255", CANARY_0},
    {"64.0.0.0", CANARY_64},
    {"127.255.255.255", CANARY_64},
    {"128.0.0.0", CANARY_128},
    {"191.255.255.255", CANARY_128},
    {"192.0.0.0", CANARY_192},
    {"255.255.255.255", CANARY_192},
    {"::", CANARY_V6},
    {"ffff::", CANARY_V6},
};

static void
test_sides(void)
{
	struct subject name = subject_name(ROLE_HELO, "mail.example");

	for (size_t i = 0; i < COUNT(sides); i++) {
		struct ipaddr address;
		struct subject subject;

		if (!ipaddr_parse(&address, sides[i].address))
			abort();
		subject = subject_address(&address);
		same_num(canary_side_of(&subject), sides[i].side, sides[i].address);
	}
	same_num(canary_side_of(&name), CANARY_NAME, "a name");
}

static void
test_blocks(void)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		for (unsigned side = 0; side < CANARY_SIDES; side++)
			same_num(canary_blocks(rows[i].list, (enum canary_side)side),
			    rows[i].blocks[side], rows[i].label);
}

/* A network out of its text; its length. */
static unsigned
read_net(const char *text, struct ipaddr *net)
{
	const char *slash = strchr(text, '/');

	if (slash == NULL || !ipaddr_parse_part(net, text, (size_t)(slash - text)))
		abort();
	return (unsigned)strtoul(slash + 1, NULL, 10);
}

/* All are in the block, on its side unless that was named for both, and differ. */
static void
test_addresses(const struct listing *list, struct canary_block block, const char *text)
{
	static struct canary drawn[DRAWN];
	struct ipaddr net;
	unsigned len = read_net(text, &net), outside = 0, twice = 0, across = 0;

	for (unsigned i = 0; i < DRAWN; i++) {
		const struct subject *subject = &drawn[i].subject;

		if (!canary_draw(&drawn[i], list, block))
			abort();
		outside += !ipaddr_within(&subject->key, &net, len);
		across += list->ncanaries == 0 && canary_side_of(subject) != block.side;
		for (unsigned k = 0; k < i; k++)
			twice += ipaddr_compare(&drawn[k].subject.key, &subject->key) == 0;
	}
	same_num(outside, 0, text);
	same_num(across, 0, text);
	ok(len > 16 || twice <= 3, "%s: %u of %d drawn twice", text, twice, DRAWN);
}

static void
test_names(const struct listing *list, struct canary_block block, const char *text)
{
	struct canary a, b;

	if (!canary_draw(&a, list, block) || !canary_draw(&b, list, block))
		abort();
	same_num(a.subject.role, list->role, text);
	ok(strcmp(a.name, b.name) != 0 && a.subject.name == a.name, "%s: %s, %s", text, a.name,
	    b.name);
	ok(strspn(a.name, "0123456789abcdef") == 16 && strcmp(a.name + 16, text) == 0,
	    "%s: a label, and the domain", text);
}

static void
test_draws(void)
{
	for (size_t i = 0; i < COUNT(nets); i++) {
		char text[CANARY_TEXT_SIZE];

		canary_describe(nets[i].list, nets[i].block, text);
		same_str(text, nets[i].net, "as text");
		same_num(canary_is_spare(nets[i].list, nets[i].block),
		    strcmp(text, "169.254.0.0/16") == 0, text);
		if (nets[i].block.side == CANARY_NAME)
			test_names(nets[i].list, nets[i].block, text);
		else
			test_addresses(nets[i].list, nets[i].block, text);
	}
}

int
main(void)
{
	test_sides();
	test_blocks();
	test_draws();
	return done();
}
