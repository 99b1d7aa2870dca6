/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/localset.c - a set of networks from the words of a section and the lines of files.
 * For those of files, millions of them, no line is kept.
 */
#include "config.h"

#include "conf/localset.h"

#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "base/domain.h"
#include "conf/netfile.h"
#include "conf/section.h"

#define WHY_MAX 300

/* A network that is written in the section; line 0: it is there by default. */
struct localset_inline {
	struct network network;
	unsigned line;
};

struct localset_file {
	char *path;
	size_t networks;
	unsigned line; /* where it is named */
};

static void
keep_inline(
    struct localset *local, const struct network *net, unsigned line, struct report *report)
{
	struct localset_inline *inlines =
	    bulk_next(local->inlines, local->ninlines, sizeof(*inlines));

	if (inlines == NULL || !prefix_add(local->set, net, NULL))
		report_no_memory(report);
	if (inlines == NULL)
		return;
	local->inlines = inlines;
	inlines[local->ninlines++] = (struct localset_inline){*net, line};
}

static void
add_network(
    struct localset *local, const struct value *value, unsigned line, struct report *report)
{
	char why[WHY_MAX], ignored[DOMAIN_NAME_SIZE];
	struct network net;

	if (prefix_parse(&net, value->text, why, sizeof(why))) {
		keep_inline(local, &net, line, report);
		netfile_warn(&net, local->sense, &value->place, report);
	} else if (domain_normalise(value->text + (value->text[0] == '.'), ignored)) {
		report_value(report, &value->place, "networks",
		    "anybody may use a name: it is believed only in allow's senders, with SPF, "
		    "and hosts, with DNS",
		    value->text);
	} else {
		report_mistake(report, &value->place, "networks: %s", why);
	}
}

/* How many networks of a file a set has; 0 where there is none. */
static size_t
held_by(const struct localset *local, const char *path)
{
	size_t n = 0;

	for (size_t i = 0; local != NULL && i < local->nfiles; i++)
		if (strcmp(local->files[i].path, path) == 0)
			n = local->files[i].networks;
	return n;
}

/* A file that was being written, or could not be fetched, is short, and no mistake. */
static void
warn_of_loss(const struct value *file, size_t networks, size_t before, struct report *report)
{
	if (networks == 0 && before == 0)
		report_warning(report, &file->place, "files: %s holds no network", file->text);
	else if (2 * networks < before)
		report_warning(report, &file->place,
		    "files: %s holds %zu networks, and held %zu", file->text, networks, before);
}

static void
read_file(struct localset *local, const struct value *file, const struct localset *before,
    struct report *report)
{
	unsigned mistakes = report_mistakes(report);
	size_t n = netfile_read(local->set, file->text, local->sense, &file->place, report);
	struct localset_file *files = bulk_next(local->files, local->nfiles, sizeof(*files));

	if (report_mistakes(report) == mistakes)
		warn_of_loss(file, n, held_by(before, file->text), report);
	if (files == NULL) {
		report_no_memory(report);
		return;
	}
	local->files = files;
	files[local->nfiles] =
	    (struct localset_file){values_copy(file->text, report), n, file->place.line};
	local->nfiles += files[local->nfiles].path != NULL;
}

void
localset_build(struct localset *local, const struct section *sec, enum netline_sense sense,
    const struct localset *before, struct report *report)
{
	const struct word *networks = section_word(sec, "networks");
	const struct word *files = section_word(sec, "files");

	*local = (struct localset){.sense = sense, .set = prefix_new()};
	for (unsigned i = 0; local->set != NULL && i < networks->n; i++)
		add_network(local, &networks->values[i], word_line(networks, i), report);
	for (unsigned i = 0; local->set != NULL && i < files->n; i++)
		read_file(local, &files->values[i], before, report);
	if (local->set == NULL || !prefix_seal(local->set))
		report_no_memory(report);
}

void
localset_clear(struct localset *local)
{
	for (size_t i = 0; i < local->nfiles; i++)
		free(local->files[i].path);
	free(local->files);
	free(local->inlines);
	prefix_free(local->set);
	*local = (struct localset){0};
}

size_t
localset_bytes(const struct localset *local)
{
	return local->set != NULL ? prefix_bytes(local->set) : 0;
}

bool
localset_each_inline(const struct localset *local, prefix_taker *take, void *arg)
{
	bool good = true;

	for (size_t i = 0; good && i < local->ninlines; i++)
		good =
		    local->inlines[i].line == 0 || take(arg, &local->inlines[i].network, NULL);
	return good;
}

/* Of equal networks the first one has stayed: those of the section come before files. */
enum localset_found
localset_locate(const struct localset *local, const struct network *net, struct place *place)
{
	for (size_t i = 0; i < local->ninlines; i++) {
		const struct localset_inline *in = &local->inlines[i];

		*place = (struct place){NULL, in->line};
		if (in->network.len == net->len &&
		    ipaddr_compare(&in->network.addr, &net->addr) == 0)
			return in->line > 0 ? LOCALSET_INLINE : LOCALSET_DEFAULT;
	}
	for (size_t i = 0; i < local->nfiles; i++) {
		*place = (struct place){local->files[i].path,
		    netfile_find(local->files[i].path, local->sense, net)};
		if (place->line > 0)
			return LOCALSET_FILE;
	}
	*place = (struct place){NULL, local->nfiles > 0 ? local->files[0].line : 0};
	return LOCALSET_GONE;
}
