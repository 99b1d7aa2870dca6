/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/auditforms.c - U is the user, D the domain elsewhere, H our name, I our address. */
#include "config.h"

#include "ctl/auditforms.h"

#include "base/strbuf.h"

static const char *const host_forms[] = {
    "<U@D>",
    "<U%D@H>",
    "<U%D@I>",
    "<\"U@D\">",
    "<\"U%D\">",
    "<\"U@D\"@H>",
    "<\"U@D\"@I>",
    "<U@D@H>",
    "<U@D@I>",
    "<@H:U@D>",
    "<@I:U@D>",
    "<@H,@D:U@D>",
    "<H:U@D>",
    "<D!U>",
    "<D!U@H>",
    "<D!U@I>",
    "<U%D>",
    "<U%D@localhost>",
    "<U%D%H@H>",
    "<\"U\"@D>",
    "<U@D@>",
    "<U@[192.0.2.77]>",
};

static const char *const domain_forms[] = {
    "<U%D@H>",
    "<D!U@H>",
    "<\"U@D\"@H>",
    "<U@D@H>",
    "<@H:U@D>",
};

size_t
auditforms_host_count(void)
{
	return sizeof(host_forms) / sizeof(host_forms[0]);
}

size_t
auditforms_domain_count(void)
{
	return sizeof(domain_forms) / sizeof(domain_forms[0]);
}

static bool
fill(const char *form, const struct auditforms_place *p, char out[AUDITFORMS_SIZE])
{
	struct strbuf sb;

	strbuf_init(&sb, out, AUDITFORMS_SIZE);
	for (; *form != '\0'; form++)
		switch (*form) {
		case 'U':
			strbuf_add(&sb, p->user);
			break;
		case 'D':
			strbuf_add(&sb, p->domain);
			break;
		case 'H':
			strbuf_add(&sb, p->host);
			break;
		case 'I':
			strbuf_add(&sb, p->literal);
			break;
		default:
			strbuf_addc(&sb, *form);
		}
	return !sb.cut;
}

bool
auditforms_host(size_t i, const struct auditforms_place *p, char out[AUDITFORMS_SIZE])
{
	return fill(host_forms[i], p, out);
}

bool
auditforms_domain(size_t i, const struct auditforms_place *p, char out[AUDITFORMS_SIZE])
{
	return fill(domain_forms[i], p, out);
}
