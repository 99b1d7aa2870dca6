/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_subject.c - addresses and names have keys of their own, and the same each
 * time.
 */
#include "config.h"

#include "lists/subject.h"

#include <string.h>

#include "tap.h"

static void
test_address(void)
{
	struct ipaddr address = {0};
	struct subject s = subject_address(&address);
	char text[SUBJECT_NAME_SIZE];

	ok(!subject_exists(&s), "an empty address: nothing to ask about");
	ipaddr_parse(&address, "198.51.100.7");
	s = subject_address(&address);
	ok(subject_exists(&s) && s.role == ROLE_ADDRESS && s.name == NULL, "an address");
	ok(ipaddr_compare(&s.key, &address) == 0, "an address is its own key");
	subject_format(&s, text, sizeof(text));
	same_str(text, "198.51.100.7", "an address as text");
}

static void
test_name(void)
{
	struct subject a = subject_name(ROLE_HELO, "mail.example");
	struct subject b = subject_name(ROLE_SENDER, "mail.example");
	struct subject c = subject_name(ROLE_HELO, "mail.examplf");
	struct subject none = subject_name(ROLE_NAME, NULL);
	struct subject empty = subject_name(ROLE_NAME, "");
	char text[SUBJECT_NAME_SIZE], small[5];

	ok(subject_exists(&a) && a.role == ROLE_HELO, "a name");
	ok(ipaddr_compare(&a.key, &b.key) == 0, "one name has one key, in any role");
	ok(ipaddr_compare(&a.key, &c.key) != 0, "another name has another one");
	ok(!subject_exists(&none) && !subject_exists(&empty), "no name: nothing to ask about");
	subject_format(&a, text, sizeof(text));
	same_str(text, "mail.example", "a name as text");
	subject_format(&a, small, sizeof(small));
	ok(strlen(small) < sizeof(small), "text that does not fit is cut");
}

static void
test_roles(void)
{
	static const char *const names[ROLES] = {"address", "helo", "name", "sender"};

	for (unsigned i = 0; i < ROLES; i++)
		same_str(role_name((enum role)i), names[i], "the name of a role");
}

int
main(void)
{
	test_address();
	test_name();
	test_roles();
	return done();
}
