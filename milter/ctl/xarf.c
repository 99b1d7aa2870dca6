/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/xarf.c - a relay test is a "reconnaissance" of the category "connection".  Mail to traps
 * would be "spam", but that wants the client's port, which is not kept: it is said as
 * "threat_intelligence", as are bounces.
 */
#include "config.h"

#include "ctl/xarf.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define XARF_VERSION "4.2.0"
#define UUID_SIZE 37
#define PAYLOAD_MAX 16384
#define BASE64_MAX (PAYLOAD_MAX / 3 * 4 + 8)
#define HASH_SIZE (7 + 2 * crypto_hash_sha256_BYTES + 1)
#define SMTP_PORT 25

/* A random one (RFC 9562, 5.4). */
static void
make_uuid(char out[UUID_SIZE])
{
	unsigned char b[16] = {0};

	(void)!getrandom(b, sizeof(b), 0);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	(void)snprintf(out, UUID_SIZE,
	    "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
	    b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
	    b[15]);
}

/* What was seen, as a text: base64, and its hash. */
static json_t *
evidence_item(const struct ipaddr *address, const struct sightings *e)
{
	char payload[PAYLOAD_MAX], base64[BASE64_MAX], hash[HASH_SIZE] = "sha256:";
	unsigned char digest[crypto_hash_sha256_BYTES];
	struct strbuf sb;

	strbuf_init(&sb, payload, sizeof(payload));
	complainttext_hits(&sb, address, e);
	(void)crypto_hash_sha256(digest, (const unsigned char *)payload, sb.len);
	(void)sodium_bin2hex(hash + 7, sizeof(hash) - 7, digest, sizeof(digest));
	(void)sodium_bin2base64(base64, sizeof(base64), (const unsigned char *)payload, sb.len,
	    sodium_base64_VARIANT_ORIGINAL);
	return json_pack("{s:s, s:s, s:s, s:s, s:I}", "content_type", "text/plain",
	    "description", "What the mail server saw, a line each, times in UTC", "payload",
	    base64, "hash", hash, "size", (json_int_t)sb.len);
}

static json_t *
contact_of(const struct complainant *who)
{
	return json_pack("{s:s, s:s, s:s}", "org", who->organisation, "contact", who->mailbox,
	    "domain", who->domain);
}

/* The forms that were tried, each once. */
static json_t *
forms_of(const struct sightings *e)
{
	json_t *forms = json_array();

	for (size_t i = 0; i < e->nhits; i++) {
		const char *form = e->hit[i].what;
		bool known = form[0] == '\0';
		size_t k;
		json_t *item;

		json_array_foreach(forms, k, item)
		{
			known = known || strcmp(json_string_value(item), form) == 0;
		}
		if (!known)
			(void)json_array_append_new(forms, json_string(form));
	}
	if (json_array_size(forms) == 0)
		(void)json_array_append_new(forms, json_string("SMTP RCPT"));
	return forms;
}

static bool
is_probing(const struct sightings *e)
{
	return e->count[LOCAL_PROBE].times > 0 || e->count[LOCAL_DICTIONARY].times > 0 ||
	    e->count[LOCAL_HELO].times > 0;
}

static json_t *
kind_of(const struct sightings *e)
{
	if (is_probing(e))
		return json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:s, s:s, s:I}", "category",
		    "connection", "type", "reconnaissance", "evidence_source",
		    "automated_filter", "protocol", "tcp", "destination_port", SMTP_PORT,
		    "probed_resources", forms_of(e), "first_seen", sightings_first(e),
		    "last_seen", sightings_last(e), "total_probes",
		    (json_int_t)sightings_times(e));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "category", "reputation", "type",
	    "threat_intelligence", "evidence_source", "spamtrap", "threat_type",
	    e->count[LOCAL_TRAP].times > 0 ? "spam" : "backscatter", "first_seen",
	    sightings_first(e), "last_seen", sightings_last(e));
}

json_t *
xarf_report(
    const struct ipaddr *address, const struct sightings *e, const struct complainant *who)
{
	char uuid[UUID_SIZE], source[IPADDR_STRLEN];
	json_t *report, *kind = kind_of(e);

	if (sodium_init() < 0)
		return NULL;
	make_uuid(uuid);
	report = json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:s}", "xarf_version", XARF_VERSION,
	    "report_id", uuid, "timestamp", sightings_last(e), "reporter", contact_of(who),
	    "sender", contact_of(who), "source_identifier", ipaddr_format(address, source),
	    "description", complainttext_deed(e));
	(void)json_object_update(report, kind);
	json_decref(kind);
	if (e->nhits > 0)
		(void)json_object_set_new(
		    report, "evidence", json_pack("[o]", evidence_item(address, e)));
	return report;
}
