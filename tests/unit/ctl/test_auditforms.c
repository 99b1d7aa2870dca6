/* SPDX-License-Identifier: BSD-2-Clause */
/* test_auditforms.c - the forms, as they are said; each leads to the domain elsewhere. */
#include "config.h"

#include "ctl/auditforms.h"

#include "own/probeform.h"
#include "tap.h"

static const struct auditforms_place place = {
    .user = "u", .domain = "d.example", .host = "h.example", .literal = "[192.0.2.1]"};

/* Those that name no domain but ours are for a server that takes the local part apart. */
static void
test_form(const char *path)
{
	struct probeform form;

	ok(probeform_parse(&form, path) || strstr(path, "u@[192.0.2.77]") != NULL ||
		strstr(path, "d.example@>") != NULL,
	    "%s can be read", path);
	if (strstr(path, "d.example") != NULL && form.target[0] != '\0')
		same_str(form.target, "d.example", path);
}

int
main(void)
{
	char path[AUDITFORMS_SIZE], name[AUDITFORMS_SIZE];
	struct auditforms_place long_place = place;

	for (size_t i = 0; i < auditforms_host_count(); i++)
		if (ok(auditforms_host(i, &place, path), "of the host"))
			test_form(path);
	for (size_t i = 0; i < auditforms_domain_count(); i++)
		if (ok(auditforms_domain(i, &place, path), "of a domain"))
			test_form(path);
	ok(auditforms_host(0, &place, path), "the first");
	same_str(path, "<u@d.example>", "it is the plain one");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	long_place.host = name;
	ok(!auditforms_domain(0, &long_place, path), "too long");
	return done();
}
