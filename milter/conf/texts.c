/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/texts.c - own texts of refusals.  A file that is meant for something else than
 * there is would never be seen: so its name must fit.
 */
#include "config.h"

#include "conf/texts.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "base/textfile.h"
#include "conf/checker.h"
#include "conf/linttext.h"

#define WHY_MAX 300
#define LINES_MAX 2

struct text {
	char *name; /* of its file */
	char *text;
};

struct texts {
	struct text *item; /* by their names */
	size_t n;
};

/* What is read, and what it is compared with. */
struct reading {
	const char *folder;
	const struct section *file, *registry;
	struct report *report;
};

/* What follows "kind." in a name; NULL: it does not begin so. */
static const char *
title_in(const char *name, const char *kind)
{
	size_t len = strlen(kind);

	return strncmp(name, kind, len) == 0 && name[len] == '.' ? name + len + 1 : NULL;
}

/* Whether there is something that the text is for. */
static bool
is_known(const struct reading *r, const char *name)
{
	const char *title;

	if ((title = title_in(name, "category")) != NULL)
		return category_parse(title) != CATEGORY_MAX;
	if ((title = title_in(name, "list")) != NULL)
		return section_find(r->file, "list", title) != NULL ||
		    section_find(r->registry, "list", title) != NULL;
	if ((title = title_in(name, "policy")) != NULL)
		return section_find(r->file, "policy", title) != NULL;
	return false;
}

/* Whether it is what an editor or a package leaves, or a note on the others. */
static bool
is_aside(const char *name)
{
	static const char *const ends[] = {"~", "#", ".bak", ".orig", ".swp", ".rpmnew",
	    ".rpmsave", ".dpkg-dist", ".dpkg-old"};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len > strlen(ends[i]) && strcmp(name + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return name[0] == '#' || strncmp(name, "README", strlen("README")) == 0;
}

/* Check each line by itself, to say which one is wrong. */
static bool
check_lines(const struct reading *r, const char *path, const char *text)
{
	struct place place = {path, 1};
	char line[BUFSIZ], why[WHY_MAX];

	for (;; place.line++) {
		size_t len = strcspn(text, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		if (place.line > LINES_MAX)
			snprintf(why, sizeof(why), "a text has %d lines at most", LINES_MAX);
		if (place.line > LINES_MAX || !checker_text(line, why, sizeof(why))) {
			report_value(r->report, &place, NULL, why, line);
			return false;
		}
		if (text[len] == '\0')
			return true;
		text += len + 1;
	}
}

/* Take off the line ends that editors leave, theirs and ours. */
static void
trim(char *text)
{
	size_t len = strlen(text), kept = 0;

	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	for (size_t i = 0; i < len; i++)
		if (text[i] != '\r' || text[i + 1] != '\n')
			text[kept++] = text[i];
	text[kept] = '\0';
}

static bool
keep(struct texts *texts, const char *name, char *text, struct report *report)
{
	struct text *item = bulk_next(texts->item, texts->n, sizeof(*item));

	if (item == NULL) {
		report_no_memory(report);
		return false;
	}
	texts->item = item;
	if ((item[texts->n].name = values_copy(name, report)) == NULL)
		return false;
	item[texts->n++].text = text;
	return true;
}

static void
read_text(struct texts *texts, const struct reading *r, const char *name)
{
	char path[PATH_MAX], why[WHY_MAX], *text;
	struct place place = {path, 0};

	snprintf(path, sizeof(path), "%s/%s", r->folder, name);
	if (is_aside(name)) {
		report_warning(r->report, &place,
		    "is left alone: by its name it is a copy, or meant for people");
		return;
	}
	if (!is_known(r, name)) {
		report_mistake(r->report, &place,
		    "is not called category.NAME, list.LABEL or policy.NAME of something there is");
		return;
	}
	if ((text = textfile_read(path, TEXTFILE_PLAIN, why, sizeof(why))) == NULL) {
		report_mistake(r->report, &place, "%s", why);
		return;
	}
	trim(text);
	if (check_lines(r, path, text)) {
		place.line = 1;
		if (!checker_text(text, why, sizeof(why))) {
			report_mistake(r->report, &place, "%s", why);
		} else if (keep(texts, name, text, r->report)) {
			linttext_text(text, NULL, &place, r->report);
			return;
		}
	}
	free(text);
}

static int
compare_entries(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
read_folder(struct texts *texts, const struct reading *r)
{
	struct place place = section_place(r->file, "texts");
	struct dirent **entries;
	int n = scandir(r->folder, &entries, is_visible, compare_entries);

	if (n == -1) {
		report_mistake(r->report, &place, "texts: %s: %s", r->folder,
		    textfile_why(r->folder, errno));
		return;
	}
	for (int i = 0; i < n; i++) {
		read_text(texts, r, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

struct texts *
texts_read(const struct section *file, const struct section *registry, struct report *report)
{
	struct reading reading = {section_text(file, "texts"), file, registry, report};
	struct texts *texts = calloc(1, sizeof(*texts));

	if (texts == NULL)
		report_no_memory(report);
	else if (reading.folder != NULL && reading.folder[0] == '/')
		read_folder(texts, &reading);
	return texts;
}

void
texts_free(struct texts *texts)
{
	if (texts == NULL)
		return;
	for (size_t i = 0; i < texts->n; i++) {
		free(texts->item[i].name);
		free(texts->item[i].text);
	}
	free(texts->item);
	free(texts);
}

static int
compare_names(const void *name, const void *text)
{
	return strcmp(name, ((const struct text *)text)->name);
}

const char *
texts_find(const struct texts *texts, const char *kind, const char *title)
{
	char name[NAME_MAX + 1];
	const struct text *found;

	/* No file has a longer name. */
	if (texts->n == 0 ||
	    (size_t)snprintf(name, sizeof(name), "%s.%s", kind, title) >= sizeof(name))
		return NULL;
	found = bsearch(name, texts->item, texts->n, sizeof(texts->item[0]), compare_names);
	return found != NULL ? found->text : NULL;
}

void
texts_categories(const struct texts *texts, char *out[CATEGORY_MAX], struct report *report)
{
	for (unsigned i = 0; i < CATEGORY_MAX; i++)
		out[i] = values_copy(
		    texts_find(texts, "category", category_name((enum category)i)), report);
}
