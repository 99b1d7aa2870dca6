/* SPDX-License-Identifier: BSD-2-Clause */
/* data/filestamps.c - stat(2) of each. */
#include "config.h"

#include "data/filestamps.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>

#define SETTLING_S 2 /* so long a file has to be as it is, lest it is still being written */

/* Look at a file; when it was written, or 0. */
static int64_t
stamp_file(struct filestamps *stamps, size_t i, const struct data_source *set, const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0) {
		if (stamps->missing == NULL)
			stamps->error = errno;
		if (stamps->missing == NULL)
			stamps->missing = path;
		return 0;
	}
	if (stamps->large == NULL && datafile_is_large(set, &status)) {
		stamps->large = path;
		stamps->size = status.st_size;
	}
	stamps->file[i] =
	    (struct filestamp){status.st_dev, status.st_ino, status.st_size, status.st_mtim};
	return status.st_mtim.tv_sec;
}

static void
note_newest(int64_t *newest, int64_t written)
{
	if (written > *newest)
		*newest = written;
}

void
filestamps_take(struct filestamps *stamps, const struct data_source *sets, unsigned n)
{
	size_t place = 0;

	assert(n <= FILESTAMPS_SETS_MAX);
	*stamps = (struct filestamps){0};
	for (unsigned set = 0; set < n; set++)
		for (unsigned i = 0; i < sets[set].nfiles; i++)
			note_newest(&stamps->newest[set],
			    stamp_file(stamps, place++, &sets[set], sets[set].file[i]));
}

static bool
is_same_file(const struct filestamp *a, const struct filestamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	    a->written.tv_sec == b->written.tv_sec && a->written.tv_nsec == b->written.tv_nsec;
}

bool
filestamps_equal(const struct filestamps *a, const struct filestamps *b)
{
	bool same = a->missing == b->missing && a->error == b->error;

	for (size_t i = 0; i < sizeof(a->file) / sizeof(a->file[0]); i++)
		same = same && is_same_file(&a->file[i], &b->file[i]);
	return same;
}

bool
filestamps_settle(const struct filestamps *stamps, int64_t now)
{
	bool settles = false;

	for (size_t i = 0; i < sizeof(stamps->file) / sizeof(stamps->file[0]); i++) {
		int64_t ago = now - stamps->file[i].written.tv_sec;

		settles = settles || (ago >= 0 && ago < SETTLING_S);
	}
	return settles;
}
