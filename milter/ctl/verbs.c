/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/verbs.c - the table of the verbs, and the requests that they make. */
#include "config.h"

#include "ctl/verbs.h"

#include <string.h>

#include "ctl/client.h"
#include "ctl/doctor.h"
#include "ctl/probesverb.h"
#include "ctl/reportverb.h"
#include "ctl/testverb.h"
#include "ctl/words.h"

#define PATIENCE_MS 20000   /* for the whole of a reply, ... */
#define PATIENCE_MAX 300000 /* ... or where much is read */

static const struct verb verbs[] = {
    {"status", "", PATIENCE_MS, NULL, 0, {NULL}, {{NULL, false}}},
    {"lists", " [LABEL]", PATIENCE_MS, NULL, 0, {"label"}, {{NULL, false}}},
    {"metrics", "", PATIENCE_MS, NULL, 0, {NULL}, {{NULL, false}}},
    {"explain",
	" ADDRESS|REFERENCE [--name NAME] [--helo NAME]\n"
	"           [--from SENDER] [--to RECIPIENT]",
	PATIENCE_MS, NULL, 1, {"address"},
	{{"name", false}, {"helo", false}, {"from", false}, {"to", false}}},
    {"lookup", " ADDRESS|NAME [--fresh]", PATIENCE_MS, NULL, 1, {"address"}, {{"fresh", true}}},
    {"cache",
	" show ADDRESS|NAME\n"
	"       relayguardctl [-j] [-s SOCKET] cache flush ADDRESS|NAME [--fleet]\n"
	"       relayguardctl [-j] [-s SOCKET] cache flush --all",
	PATIENCE_MS, NULL, 1, {"action", "address"}, {{"all", true}, {"fleet", true}}},
    {"suspend", " LABEL [--for TIME] [--why TEXT]", PATIENCE_MS, NULL, 1, {"label"},
	{{"for", false}, {"why", false}}},
    {"resume", " LABEL", PATIENCE_MS, NULL, 1, {"label"}, {{NULL, false}}},
    {"pass",
	" ADDRESS|NETWORK/LENGTH [--for TIME] [--why TEXT]\n"
	"       relayguardctl [-j] [-s SOCKET] pass ADDRESS|NETWORK/LENGTH --end\n"
	"       relayguardctl [-j] [-s SOCKET] pass [--list]",
	PATIENCE_MS, NULL, 0, {"address"},
	{{"for", false}, {"why", false}, {"end", true}, {"list", true}}},
    {"forget", " ADDRESS", PATIENCE_MAX, NULL, 1, {"address"}, {{NULL, false}}},
    {"tail", " [--verdict VERDICT] [--list LABEL]", ASK_FOR_EVER, NULL, 0, {NULL},
	{{"verdict", false}, {"list", false}}},
    {"reload", "", PATIENCE_MAX, NULL, 0, {NULL}, {{NULL, false}}},
    {"doctor",
	" [--only THEME] [--postfix FOLDER] [--sendmail FOLDER]\n"
	"           [--lists FILE] [CONFIG]",
	0, doctor_run, 0, {NULL}, {{NULL, false}}},
    {"report",
	" [--days N] [--html FILE] [--store FOLDER]\n"
	"           [--conf FILE] [--lists FILE] [FILE ...]",
	0, reportverb_run, 0, {NULL}, {{NULL, false}}},
    {"test-config",
	" FILE [--days N] [--store FOLDER] [--conf FILE]\n"
	"           [--lists FILE]",
	0, testverb_run, 0, {NULL}, {{NULL, false}}},
    {"probes", " [--days N] [--own DOMAIN,...] FILE ...", 0, probesverb_run, 0, {NULL},
	{{NULL, false}}},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

const struct verb *
verbs_find(const char *name)
{
	for (size_t i = 0; name != NULL && i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static void
write_usage(FILE *out, const char *begin, const struct verb *v)
{
	fprintf(out, "%s relayguardctl [-j]%s %s%s\n", begin,
	    v->offline == NULL ? " [-s SOCKET]" : "", v->name, v->usage);
}

void
verbs_usage(FILE *out, const struct verb *verb)
{
	if (verb != NULL) {
		write_usage(out, "usage:", verb);
		return;
	}
	for (size_t i = 0; i < VERBS; i++)
		write_usage(out, i == 0 ? "usage:" : "      ", &verbs[i]);
}

/* False: the key is there already, or the value is no text (NULL is fine). */
static bool
add(json_t *request, const char *key, json_t *value)
{
	if (json_object_get(request, key) == NULL)
		return json_object_set_new(request, key, value) == 0;
	json_decref(value);
	return false;
}

/* False: the verb has no such option, it has no value, or it was there before. */
static bool
add_option(const struct verb *v, json_t *request, char *const **word)
{
	const char *option = **word, *value;

	for (size_t i = 0; i < VERB_OPTIONS && v->option[i].name != NULL; i++) {
		const char *name = v->option[i].name;

		if (!words_is(option, name))
			continue;
		if (v->option[i].flag && strchr(option, '=') != NULL)
			return words_wrong(v->name, option, "has no value");
		value = v->option[i].flag ? "" : words_value(word);
		if (value == NULL)
			return words_wrong(v->name, option, WORDS_NO_VALUE);
		return add(request, name,
			   v->option[i].flag ? json_true() : json_string(value)) ||
		    words_wrong(v->name, option, "is there twice, or not in UTF-8");
	}
	return words_wrong(v->name, option, WORDS_NO_OPTION);
}

static bool
add_operand(const struct verb *v, json_t *request, const char *word, unsigned operand)
{
	if (operand == VERB_OPERANDS || v->operand[operand] == NULL)
		return words_wrong(v->name, word, WORDS_TOO_MANY);
	return add(request, v->operand[operand], json_string(word)) ||
	    words_wrong(v->name, word, "is not in UTF-8");
}

json_t *
verbs_request(const struct verb *v, char *const *word)
{
	json_t *request = json_pack("{s:s}", "verb", v->name);
	unsigned operands = 0;
	bool good = true;

	for (; good && *word != NULL; word++) {
		if (words_is_option(*word))
			good = add_option(v, request, &word);
		else
			good = add_operand(v, request, *word, operands++);
	}
	if (good && operands < v->needed)
		good = words_wrong(v->name, NULL, WORDS_TOO_FEW);
	if (good)
		return request;
	json_decref(request);
	return NULL;
}
