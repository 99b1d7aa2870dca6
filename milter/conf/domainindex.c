/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/domainindex.c - the domains of all policies, put in order so that a domain that two
 * of them want is seen, with both places.
 */
#include "config.h"

#include "conf/domainindex.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bulk.h"
#include "base/idn.h"
#include "base/textfile.h"
#include "conf/checker.h"

#define WHY_MAX 300
#define DOUBLES_MAX 10 /* that are told one by one */
#define WRONG_MAX 10   /* lines of a file that are */

struct entry {
	const char *domain; /* borrowed of the policy or of a text */
	const struct policy *policy;
	struct place place;
	size_t order; /* of arrival */
};

struct domain_index {
	struct report *report;
	struct entry *item;
	size_t n;
	char **texts; /* of the files, and names of them in ASCII */
	size_t ntexts;
};

struct domain_index *
domain_index_new(struct report *report)
{
	struct domain_index *index = calloc(1, sizeof(*index));

	if (index == NULL)
		report_no_memory(report);
	else
		index->report = report;
	return index;
}

void
domain_index_free(struct domain_index *index)
{
	if (index == NULL)
		return;
	for (size_t i = 0; i < index->ntexts; i++)
		free(index->texts[i]);
	free(index->texts);
	free(index->item);
	free(index);
}

static bool
add(struct domain_index *index, const char *domain, const struct policy *policy,
    const struct place *place)
{
	struct entry *item = bulk_next(index->item, index->n, sizeof(*item));

	if (item == NULL) {
		report_no_memory(index->report);
		return false;
	}
	index->item = item;
	item[index->n] = (struct entry){domain, policy, *place, index->n};
	index->n++;
	return true;
}

void
domain_index_add(
    struct domain_index *index, const struct policy *policy, const struct place *place)
{
	(void)add(index, policy->name, policy, place);
}

/* The name that a line holds, with a NUL behind it; NULL: the line is empty. */
static char *
take_name(char *line)
{
	static const char blanks[] = " \t\r";
	size_t len;

	line += strspn(line, blanks);
	line[strcspn(line, "#")] = '\0';
	len = strlen(line);
	while (len > 0 && strchr(blanks, line[len - 1]) != NULL)
		len--;
	/* A last dot is in no name that the MTA gives us. */
	if (len > 1 && line[len - 1] == '.')
		len--;
	line[len] = '\0';
	return len > 0 ? line : NULL;
}

/* Keep a text until the end; false: memory is out, and it is freed. */
static bool
keep(struct domain_index *index, char *text)
{
	char **texts =
	    text != NULL ? bulk_next(index->texts, index->ntexts, sizeof(char *)) : NULL;

	if (texts == NULL) {
		report_no_memory(index->report);
		free(text);
		return false;
	}
	index->texts = texts;
	texts[index->ntexts++] = text;
	return true;
}

/* A good name in ASCII; NULL: memory is out. */
static char *
in_ascii(struct domain_index *index, char *name)
{
	char ascii[IDN_NAME_SIZE + 1], *copy;
	size_t len = strlen(name);

	if (!idn_is_wanted(name, len))
		return name;
	copy = idn_lower(name, len, ascii, sizeof(ascii)) > 0 ? strdup(ascii) : NULL;
	return keep(index, copy) ? copy : NULL;
}

/* Add the names of a text; how many there are, wrong ones too, until they are too many. */
static size_t
add_lines(struct domain_index *index, const struct policy *policy, const char *path, char *text)
{
	struct place place = {path, 0};
	char why[WHY_MAX], *line;
	size_t n = 0, wrong = 0;

	while ((line = strsep(&text, "\n")) != NULL) {
		char *name = take_name(line);

		place.line++;
		if (name == NULL)
			continue;
		n++;
		if (!checker_policy_name(name, why, sizeof(why))) {
			report_value(index->report, &place, NULL, why, name);
			if (++wrong == WRONG_MAX)
				break;
		} else if ((name = in_ascii(index, name)) == NULL ||
		    !add(index, name, policy, &place)) {
			break;
		}
	}
	return n;
}

void
domain_index_read(struct domain_index *index, const struct policy *policy, const char *path,
    const struct place *at)
{
	char why[WHY_MAX];
	char *text = textfile_read(path, TEXTFILE_PLAIN, why, sizeof(why));

	if (text == NULL)
		report_mistake(index->report, at, "domains: %s: %s", path, why);
	else if (keep(index, text) && add_lines(index, policy, path, text) == 0)
		report_warning(index->report, at, "domains: %s holds none", path);
}

static int
compare(const void *va, const void *vb)
{
	const struct entry *a = va, *b = vb;
	int order = strcasecmp(a->domain, b->domain);

	return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

static void
tell_double(
    const struct domain_index *index, const struct entry *first, const struct entry *second)
{
	report_mistake(index->report, &second->place,
	    "\"%s\" has the policy \"%s\" already, by line %u of %s", second->domain,
	    first->policy->name, first->place.line, first->place.file);
}

void
domain_index_settle(struct domain_index *index, struct policies *policies)
{
	const struct entry *first = index->item;
	size_t doubles = 0;

	if (index->n > 0)
		qsort(index->item, index->n, sizeof(struct entry), compare);
	for (size_t i = 0; i < index->n; i++) {
		const struct entry *entry = &index->item[i];

		if (i == 0 || strcasecmp(first->domain, entry->domain) != 0) {
			first = entry;
			if (!policies_give(
				policies, entry->policy, entry->domain, entry->place.line))
				report_no_memory(index->report);
		} else if (first->policy != entry->policy && doubles++ < DOUBLES_MAX) {
			tell_double(index, first, entry);
		}
	}
	if (doubles > DOUBLES_MAX)
		report_mistake(index->report, &first->place,
		    "and %zu domains more have two policies", doubles - DOUBLES_MAX);
}
