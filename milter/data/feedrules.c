/* SPDX-License-Identifier: BSD-2-Clause */
/* data/feedrules.c - texts are copied, for the configuration may be freed before the feed. */
#include "config.h"

#include "data/feedrules.h"

#include <stdlib.h>
#include <string.h>

static char *
copy_text(const char *text, bool *good)
{
	char *copy = text != NULL ? strdup(text) : NULL;

	*good = *good && (text == NULL || copy != NULL);
	return copy;
}

static bool
copy_set(struct data_source *out, const struct data_source *set)
{
	bool good = true;

	*out = (struct data_source){
	    .format = set->format, .nfiles = set->nfiles, .size_max = set->size_max};
	out->subzone = copy_text(set->subzone, &good);
	for (unsigned i = 0; i < set->nfiles; i++)
		out->file[i] = copy_text(set->file[i], &good);
	return good;
}

static bool
copy_judge(struct datafeed_rules *out, const struct datafeed_rules *rules)
{
	void *arg = rules->judge_size > 0 ? malloc(rules->judge_size) : NULL;

	if (arg != NULL)
		memcpy(arg, rules->judge_arg, rules->judge_size);
	out->judge_arg = arg;
	return arg != NULL || rules->judge_size == 0;
}

bool
feedrules_copy(struct datafeed_rules *out, const struct datafeed_rules *rules)
{
	bool good = true;

	*out = *rules;
	out->label = copy_text(rules->label, &good);
	for (unsigned i = 0; i < rules->nsets; i++)
		good = copy_set(&out->set[i], &rules->set[i]) && good;
	return copy_judge(out, rules) && good;
}

/* Free a text that copy_text() made. */
static void
free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

void
feedrules_clear(struct datafeed_rules *rules)
{
	for (unsigned set = 0; set < rules->nsets; set++) {
		free_text(rules->set[set].subzone);
		for (unsigned i = 0; i < rules->set[set].nfiles; i++)
			free_text(rules->set[set].file[i]);
	}
	free_text(rules->label);
	free((void *)(uintptr_t)rules->judge_arg);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_set(const struct data_source *a, const struct data_source *b)
{
	bool same = a->format == b->format && same_text(a->subzone, b->subzone) &&
	    a->nfiles == b->nfiles;

	for (unsigned i = 0; same && i < a->nfiles; i++)
		same = strcmp(a->file[i], b->file[i]) == 0;
	return same;
}

bool
feedrules_same_files(const struct datafeed_rules *a, const struct datafeed_rules *b)
{
	bool same = same_text(a->label, b->label) && a->nsets == b->nsets &&
	    a->judge == b->judge && a->judge_size == b->judge_size &&
	    (a->judge_size == 0 || memcmp(a->judge_arg, b->judge_arg, a->judge_size) == 0);

	for (unsigned i = 0; same && i < a->nsets; i++)
		same = same_set(&a->set[i], &b->set[i]);
	return same;
}

bool
feedrules_equal(const struct datafeed_rules *a, const struct datafeed_rules *b)
{
	bool same = feedrules_same_files(a, b) && a->shrink == b->shrink &&
	    a->grow == b->grow && a->max_age == b->max_age;

	for (unsigned i = 0; same && i < a->nsets; i++)
		same = a->set[i].size_max == b->set[i].size_max;
	return same;
}
