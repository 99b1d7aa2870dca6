/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datafile.c - files, one after the other.  A last line without an end is left out: where
 * an address was cut, it would be its neighbours; where there are zeros, as after a loss of
 * power, more is missing.
 */
#include "config.h"

#include "data/datafile.h"

#include <sys/stat.h>

#include "base/bulk.h"
#include "base/textline.h"

#define LINE_SIZE 8192

struct job {
	const struct data_source *source;
	const struct data_taker *taker;
	struct data_reading *reading;
	struct dataset_reader *reader;
	const char *file;
	unsigned line;
	int64_t networks; /* of the file, so far */
};

static bool
on_begin(void *arg, enum data_format format)
{
	const struct job *job = arg;

	return job->taker->begin(job->taker->arg, format);
}

static bool
on_entry(void *arg, const struct data_entry *entry)
{
	struct job *job = arg;

	job->networks++;
	return job->taker->entry(job->taker->arg, entry, job->file, job->line);
}

static bool
on_end(void *arg, uint32_t common)
{
	const struct job *job = arg;

	return job->taker->end(job->taker->arg, common);
}

static void
on_skip(void *arg, const char *why)
{
	struct job *job = arg;

	job->reading->skipped++;
	job->taker->complain(job->taker->arg, job->file, job->line, why, false);
}

/* Say why the set cannot be read; false, for the caller to return. */
static bool
give_up(const struct job *job, const char *why)
{
	job->taker->complain(job->taker->arg, job->file, job->line,
	    why != NULL ? why : "memory is out, or there are too many entries", true);
	return false;
}

static bool
take_line(struct job *job, char *text)
{
	const char *why;

	return dataset_reader_line(job->reader, text, &why) || give_up(job, why);
}

/* Leave out a line that was read, of whatever it holds, up to its end or that of the file. */
static void
leave_out(struct job *job, FILE *file, const char *why)
{
	if (feof(file) != 0)
		job->reading->cut = job->file;
	on_skip(job, why);
}

static bool
read_lines(struct job *job, FILE *file)
{
	char line[LINE_SIZE];

	for (job->line = 1;; job->line++) {
		bulk_pause(job->line, job->line + 1);
		switch (textline_read(file, line, sizeof(line))) {
		case TEXTLINE_READ:
			if (!take_line(job, line))
				return false;
			break;
		case TEXTLINE_CUT:
			leave_out(job, file, "is the last line, and has no end");
			return true;
		case TEXTLINE_LONG:
			leave_out(job, file, "is too long");
			break;
		case TEXTLINE_NUL:
			leave_out(job, file, "holds a NUL byte");
			break;
		case TEXTLINE_FAILED:
			return give_up(job, "cannot be read any further");
		case TEXTLINE_END:
			return true;
		}
		job->reading->lines++;
	}
}

/* Whether a file is as it was. */
static bool
is_unchanged(FILE *file, const struct stat *before)
{
	struct stat now;

	return fstat(fileno(file), &now) == 0 && now.st_size == before->st_size &&
	    now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

bool
datafile_is_large(const struct data_source *source, const struct stat *status)
{
	return source->size_max > 0 && (uint64_t)status->st_size > source->size_max;
}

static bool
read_open(struct job *job, FILE *file)
{
	struct stat before;
	int magic;

	/* To look for a byte reads a block. */
	if (fstat(fileno(file), &before) != 0)
		return give_up(job, "cannot be read any further");
	if (datafile_is_large(job->source, &before))
		return give_up(job, "is larger than max_size allows");
	if ((magic = getc(file)) == 0x1f)
		return give_up(job, "is compressed");
	(void)ungetc(magic, file);
	if (!read_lines(job, file))
		return false;
	job->line = 0;
	if (!is_unchanged(file, &before))
		return give_up(
		    job, "was written to while it was read: it is to be replaced by rename");
	if (dataset_reader_records(job->reader) > job->networks)
		job->reading->cut = job->file;
	return true;
}

static bool
read_file(struct job *job, const char *path)
{
	const char *fault;
	FILE *file = textline_open(path, &fault);
	bool good;

	job->file = path;
	job->line = 0;
	job->networks = 0;
	if (file == NULL)
		return give_up(job, fault);
	good = dataset_reader_file(job->reader) ? read_open(job, file) : give_up(job, NULL);
	(void)fclose(file);
	return good;
}

bool
datafile_read(const struct data_source *source, const struct data_taker *taker, int64_t now,
    struct data_reading *reading)
{
	struct job job = {
	    .source = source, .taker = taker, .reading = reading, .file = source->file[0]};
	const struct dataset_sink sink = {on_begin, on_entry, on_end, on_skip, &job};
	bool good = true;

	*reading = (struct data_reading){0};
	job.reader = dataset_reader_new(source->format, source->subzone, &sink, now);
	if (job.reader == NULL)
		return give_up(&job, NULL);
	for (unsigned i = 0; good && i < source->nfiles; i++)
		good = read_file(&job, source->file[i]);
	if (good && !dataset_reader_end(job.reader))
		good = give_up(&job, NULL);
	reading->made = dataset_reader_made(job.reader);
	reading->expires = dataset_reader_expires(job.reader);
	dataset_reader_free(job.reader);
	return good;
}
