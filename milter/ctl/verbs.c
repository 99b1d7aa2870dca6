/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/verbs.c - the table of the verbs, and the requests that they make. */
#include "config.h"

#include "ctl/verbs.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/textfile.h"
#include "ctl/audit.h"
#include "ctl/client.h"
#include "ctl/complaint.h"
#include "ctl/contacts.h"
#include "ctl/doctor.h"
#include "ctl/exportverb.h"
#include "ctl/probesverb.h"
#include "ctl/reportverb.h"
#include "ctl/testverb.h"
#include "ctl/words.h"

#define PATIENCE_MS 20000   /* for the whole of a reply, ... */
#define PATIENCE_MAX 300000 /* ... or where much is read */
#define FAULT_SIZE 300

static const struct verb verbs[] = {
    {"status", "", PATIENCE_MS, NULL, 0, {NULL}, {{NULL, VERB_TEXT}}},
    {"lists", " [LABEL]", PATIENCE_MS, NULL, 0, {"label"}, {{NULL, VERB_TEXT}}},
    {"metrics", "", PATIENCE_MS, NULL, 0, {NULL}, {{NULL, VERB_TEXT}}},
    {"explain",
	" ADDRESS|REFERENCE [--name NAME] [--helo NAME]\n"
	"           [--from SENDER] [--to RECIPIENT]",
	PATIENCE_MS, NULL, 1, {"address"},
	{{"name", VERB_TEXT}, {"helo", VERB_TEXT}, {"from", VERB_TEXT}, {"to", VERB_TEXT}}},
    {"lookup", " ADDRESS|NAME [--fresh]", PATIENCE_MS, NULL, 1, {"address"},
	{{"fresh", VERB_FLAG}}},
    {"cache",
	" show ADDRESS|NAME\n"
	"       relayguardctl [-j] [-s SOCKET] cache flush ADDRESS|NAME [--fleet]\n"
	"       relayguardctl [-j] [-s SOCKET] cache flush --all",
	PATIENCE_MS, NULL, 1, {"action", "address"},
	{{"all", VERB_FLAG}, {"fleet", VERB_FLAG}}},
    {"suspend", " LABEL [--for TIME] [--why TEXT]", PATIENCE_MS, NULL, 1, {"label"},
	{{"for", VERB_TEXT}, {"why", VERB_TEXT}}},
    {"resume", " LABEL", PATIENCE_MS, NULL, 1, {"label"}, {{NULL, VERB_TEXT}}},
    {"take", " LABEL", PATIENCE_MAX, NULL, 1, {"label"}, {{NULL, VERB_TEXT}}},
    {"pass",
	" ADDRESS|NETWORK/LENGTH [--for TIME] [--why TEXT]\n"
	"       relayguardctl [-j] [-s SOCKET] pass ADDRESS|NETWORK/LENGTH --end\n"
	"       relayguardctl [-j] [-s SOCKET] pass [--list]",
	PATIENCE_MS, NULL, 0, {"address"},
	{{"for", VERB_TEXT}, {"why", VERB_TEXT}, {"end", VERB_FLAG}, {"list", VERB_FLAG}}},
    {"forget", " ADDRESS", PATIENCE_MAX, NULL, 1, {"address"}, {{NULL, VERB_TEXT}}},
    {"local", " [ADDRESS]", PATIENCE_MS, NULL, 0, {"address"}, {{NULL, VERB_TEXT}}},
    {"remove", " ADDRESS [--by NAME]", PATIENCE_MS, NULL, 1, {"address"}, {{"by", VERB_TEXT}}},
    {"nominate",
	" ADDRESS --reason TEXT --until DATE\n"
	"           [--evidence FILE|REFERENCE] [--by NAME]",
	PATIENCE_MS, NULL, 1, {"address"},
	{{"reason", VERB_TEXT}, {"until", VERB_TEXT}, {"evidence", VERB_FILE},
	    {"by", VERB_TEXT}}},
    {"requests", "", PATIENCE_MS, NULL, 0, {NULL}, {{NULL, VERB_TEXT}}},
    {"tail", " [--verdict VERDICT] [--list LABEL]", ASK_FOR_EVER, NULL, 0, {NULL},
	{{"verdict", VERB_TEXT}, {"list", VERB_TEXT}}},
    {"watch", " [--run PROGRAM [--timeout SECONDS]]", PATIENCE_MS, NULL, 0, {NULL},
	{{"run", VERB_TEXT}, {"timeout", VERB_TEXT}}},
    {"reload", "", PATIENCE_MAX, NULL, 0, {NULL}, {{NULL, VERB_TEXT}}},
    {"doctor",
	" [--only THEME] [--postfix FOLDER] [--sendmail FOLDER]\n"
	"           [--lists FILE] [CONFIG]",
	0, doctor_run, 0, {NULL}, {{NULL, VERB_TEXT}}},
    {"report",
	" [--days N] [--html FILE] [--store FOLDER]\n"
	"           [--conf FILE] [--lists FILE] [FILE ...]",
	0, reportverb_run, 0, {NULL}, {{NULL, VERB_TEXT}}},
    {"test-config",
	" FILE [--days N] [--store FOLDER] [--conf FILE]\n"
	"           [--lists FILE]",
	0, testverb_run, 0, {NULL}, {{NULL, VERB_TEXT}}},
    {"export",
	" FORMAT [-o FILE [-w] [--diff] [--force]]\n"
	"           [--max N] [--wide] [--for TIME] [--age TIME] [--reasons REASON,...]\n"
	"           [--deny] [--from FILE] [--keep FILE] [--name NAME]\n"
	"           [--contact MAILBOX] [--url URL] [--ns NAME,...] [--store FOLDER]\n"
	"           [--conf FILE] [--lists FILE] [LOG ...]\n"
	"       relayguardctl export FORMAT --check FILE",
	EXPORTVERB_PATIENCE_MS, exportverb_run, 0, {NULL}, {{NULL, VERB_TEXT}}},
    {"probes", " [--days N] [--own DOMAIN,...] FILE ...", 0, probesverb_run, 0, {NULL},
	{{NULL, VERB_TEXT}}},
    {"audit",
	" [--own DOMAIN,...] [--to MAILBOX] [--conf FILE] [--lists FILE]\n"
	"           [--postfix FOLDER] [--sendmail FOLDER] [ADDRESS[:PORT]]",
	0, audit_run, 0, {NULL}, {{NULL, VERB_TEXT}}},
    {"contacts",
	" ADDRESS [--rdap FOLDER] [--cache FOLDER] [--conf FILE]\n"
	"           [--lists FILE]",
	0, contacts_run, 0, {NULL}, {{NULL, VERB_TEXT}}},
    {"complaint",
	" ADDRESS --text|--xarf [--from MAILBOX] [--org NAME]\n"
	"           [--file FILE] [--conf FILE] [--lists FILE]",
	0, complaint_run, 0, {NULL}, {{NULL, VERB_TEXT}}},
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
	    v->patience != 0 ? " [-s SOCKET]" : "", v->name, v->usage);
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

/* The text of a file, or a reference as it is; NULL: why is said. */
static json_t *
read_file(const struct verb *v, const char *value)
{
	char why[FAULT_SIZE], *text;
	uint64_t number;
	json_t *json;

	if (ref_read(value, &number))
		return json_string(value);
	if ((text = textfile_read(value, TEXTFILE_PLAIN, why, sizeof(why))) == NULL) {
		(void)words_wrong(v->name, value, why);
		return NULL;
	}
	if ((json = json_string(text)) == NULL)
		(void)words_wrong(v->name, value, "is not in UTF-8");
	free(text);
	return json;
}

/* What is sent of an option; NULL: why is said, or it is not in UTF-8. */
static json_t *
read_value(const struct verb *v, const struct verb_option *option, const char *value)
{
	if (option->kind == VERB_FLAG)
		return json_true();
	return option->kind == VERB_FILE ? read_file(v, value) : json_string(value);
}

/* False: the verb has no such option, it has no value, or it was there before. */
static bool
add_option(const struct verb *v, json_t *request, char *const **word)
{
	const char *option = **word, *value;
	json_t *json;

	for (size_t i = 0; i < VERB_OPTIONS && v->option[i].name != NULL; i++) {
		const char *name = v->option[i].name;
		bool flag = v->option[i].kind == VERB_FLAG;

		if (!words_is(option, name))
			continue;
		if (flag && strchr(option, '=') != NULL)
			return words_wrong(v->name, option, "has no value");
		value = flag ? "" : words_value(word);
		if (value == NULL)
			return words_wrong(v->name, option, WORDS_NO_VALUE);
		if ((json = read_value(v, &v->option[i], value)) == NULL &&
		    v->option[i].kind == VERB_FILE)
			return false;
		return add(request, name, json) ||
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
