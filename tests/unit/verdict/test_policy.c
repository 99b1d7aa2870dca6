/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Policies: which one is found for a domain, and whom it exempts.
 */
#include "config.h"

#include "verdict/policy.h"

#include <stdlib.h>

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MANY 5000

static struct policy *
make(const char *name, listset lists)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (policy == NULL || (policy->name = strdup(name)) == NULL)
		abort();
	policy->lists = lists;
	return policy;
}

/* Add a policy that has the domain of its name; false: memory is out. */
static bool
add(struct policies *set, const char *name, listset lists)
{
	struct policy *policy = make(name, lists);

	return policies_add(set, policy) && policies_give(set, policy, name, 1);
}

static const char *
found(const struct policies *set, const char *domain)
{
	const struct policy *policy = policies_find(set, domain);

	return policy != NULL ? policy->name : NULL;
}

static void
test_find(void)
{
	static const char *const names[] = {"strict.example", ".example.com", "default",
	    "a.example.com", ".sub.example.com", "Mixed.Example", ".org"};
	static const struct {
		const char *domain, *want;
	} rows[] = {
	    {"", "default"},
	    {"strict.example", "strict.example"},
	    {"STRICT.Example", "strict.example"},
	    {"x.strict.example", "default"},
	    {"trict.example", "default"},
	    {"xstrict.example", "default"},
	    {"strict.example.net", "default"},
	    {"example.com", "default"},
	    {"b.example.com", ".example.com"},
	    {"B.EXAMPLE.COM", ".example.com"},
	    {"a.example.com", "a.example.com"},
	    {"x.a.example.com", ".example.com"},
	    {"sub.example.com", ".example.com"},
	    {"x.sub.example.com", ".sub.example.com"},
	    {"x.y.z.sub.example.com", ".sub.example.com"},
	    {"badexample.com", "default"},
	    {"mixed.example", "Mixed.Example"},
	    {"deep.down.org", ".org"},
	    {"org", "default"},
	    {"default", "default"},
	    {"x.default", "default"},
	    {".", "default"},
	    {"...", "default"},
	    {"x.", "default"},
	    {"[198.51.100.7]", "default"},
	    {"\xff\xfe.example", "default"},
	};
	struct policies *set = policies_new();
	char longest[MAILBOX_DOMAIN_MAX + 1];

	if (set == NULL)
		abort();
	for (size_t i = 0; i < COUNT(names); i++)
		ok(add(set, names[i], UINT64_C(1) << i), "add %s", names[i]);
	ok(add(set, "STRICT.example", 1), "add: one of that name more");
	policies_seal(set);
	for (size_t i = 0; i < COUNT(rows); i++)
		same_str(found(set, rows[i].domain), rows[i].want, rows[i].domain);
	memset(longest, '.', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	same_str(found(set, longest), "default", "dots alone");
	ok(policies_lists(set) == 0x7f, "the lists of all");
	policies_free(set);
	policies_free(NULL);
	policy_free(NULL);
}

static void
test_many(void)
{
	struct policies *set = policies_new();
	unsigned right = 0;
	char name[64];

	if (set == NULL)
		abort();
	/* In no order: 7919 is prime to their number. */
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "d%u.example", i * 7919 % MANY);
		right -= !add(set, name, i == 17 ? UINT64_C(1) << 63 : 0);
	}
	policies_seal(set);
	for (unsigned i = 0; i < MANY; i++) {
		const char *got;

		snprintf(name, sizeof(name), "d%u.example", i);
		got = found(set, name);
		right += got != NULL && strcmp(got, name) == 0;
	}
	same_num(right, MANY, "many: each is found");
	same_str(found(set, "d5000.example"), NULL, "many: no other, and no default");
	ok(policies_lists(set) == UINT64_C(1) << 63, "many: the lists of all");
	policies_free(set);
}

/* A policy has the domains it is given, and not that of its name. */
static void
test_given(void)
{
	struct policies *set = policies_new();
	struct policy *gold = make("gold", 1), *fallback = make("default", 2);
	struct domainset_entry entry;

	if (set == NULL)
		abort();
	ok(policies_add(set, gold) && policies_add(set, fallback), "given: two policies");
	ok(policies_give(set, gold, "a.example", 7) &&
		policies_give(set, gold, ".b.example", 8) &&
		policies_give(set, fallback, "c.b.example", 9),
	    "given: three domains");
	policies_seal(set);
	same_str(found(set, "A.example"), "gold", "given: a domain");
	same_str(found(set, "x.b.example"), "gold", "given: below one");
	same_str(found(set, "b.example"), "default", "given: but not itself");
	same_str(found(set, "c.b.example"), "default", "given: taken out again");
	same_str(found(set, "gold"), "default", "given: its name is no domain");
	ok(policies_entry(set, "x.b.example", &entry) && entry.line == 8 &&
		entry.value == gold && entry.len == strlen(".b.example") &&
		memcmp(entry.name, ".b.example", entry.len) == 0,
	    "given: by which entry, and its line");
	ok(!policies_entry(set, "other.example", &entry), "given: by none");
	policies_free(set);
	set = policies_new();
	if (set == NULL)
		abort();
	policies_seal(set);
	same_str(found(set, "strict.example"), NULL, "an empty set has not even a default");
	policies_free(set);
}

static void
test_exempts(void)
{
	static char postmaster[] = "postmaster", abuse[] = "abuse@strict.example",
		    quoted[] = "a@b@strict.example", empty[] = "";
	static char *exempt[] = {postmaster, abuse, quoted, empty};
	static const struct {
		const char *label, *local, *domain;
		bool want;
	} rows[] = {
	    {"exempt: nobody", "", "", false},
	    {"exempt: no local part", "", "strict.example", false},
	    {"exempt: postmaster alone", "postmaster", "", true},
	    {"exempt: postmaster anywhere", "postmaster", "mild.example", true},
	    {"exempt: longer", "postmasters", "strict.example", false},
	    {"exempt: shorter", "postmaste", "strict.example", false},
	    {"exempt: abuse there", "abuse", "strict.example", true},
	    {"exempt: abuse elsewhere", "abuse", "mild.example", false},
	    {"exempt: abuse without a domain", "abuse", "", false},
	    {"exempt: an entry as local part", "abuse@strict.example", "", false},
	    {"exempt: the same with a domain", "abuse@strict.example", "mild.example", false},
	    {"exempt: an @ in the local part", "a@b", "strict.example", true},
	    {"exempt: split at the other @", "a", "b@strict.example", false},
	};
	struct policy policy = {.exempt = exempt, .nexempt = COUNT(exempt)};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mailbox to = {.local = ""};

		snprintf(to.local, sizeof(to.local), "%s", rows[i].local);
		snprintf(to.domain, sizeof(to.domain), "%s", rows[i].domain);
		same_num(policy_exempts(&policy, &to, NULL), rows[i].want, rows[i].label);
	}
}

int
main(void)
{
	test_find();
	test_many();
	test_given();
	test_exempts();
	return done();
}
