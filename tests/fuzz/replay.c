/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay.c - run a fuzz target on files, by the compiler and the flags that all
 * tests are built with: on those that are named, else on its seeds.  Prints TAP.
 */
#include "config.h"

#include <dirent.h>
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "tap.h"

#define FOLDER_SIZE 512
#define PATH_SIZE (FOLDER_SIZE + 256) /* and a name */
#define SIZE_MAX_READ (1 << 20)

/* The whole file, in a block that ends where it does; NULL: it cannot be read. */
static uint8_t *
read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(SIZE_MAX_READ), *exact;

	if (file == NULL || data == NULL) {
		perror(path);
		free(data);
		return NULL;
	}
	*size = fread(data, 1, SIZE_MAX_READ, file);
	fclose(file);
	exact = fuzz_copy(data, *size);
	free(data);
	return exact;
}

/* One point; a rule that is broken ends the program, and so the test. */
static void
replay(const char *path, const char *label)
{
	size_t size = 0;
	uint8_t *data = read_file(path, &size);

	printf("# %s\n", label);
	fflush(stdout);
	ok(data != NULL && LLVMFuzzerTestOneInput(data, size) == 0, "%s", label);
	free(data);
}

static int
no_dots(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* In the order of their names, so that every run is the same. */
static void
replay_folder(const char *folder)
{
	struct dirent **entry;
	int n = scandir(folder, &entry, no_dots, alphasort);

	ok(n > 0, "there are seeds in %s", folder);
	for (int i = 0; i < n; i++) {
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name);
		replay(path, entry[i]->d_name);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
}

/* The seeds of "fuzz_conf" are in seeds/conf. */
static void
replay_seeds(const char *program)
{
	const char *srcdir = getenv("srcdir"), *slash = strrchr(program, '/');
	const char *name = strstr(slash != NULL ? slash : program, "fuzz_");
	char folder[FOLDER_SIZE];

	snprintf(folder, sizeof(folder), "%s/tests/fuzz/seeds/%s",
	    srcdir != NULL ? srcdir : ".", name != NULL ? name + strlen("fuzz_") : "");
	replay_folder(folder);
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		replay_seeds(argv[0]);
	for (int i = 1; i < argc; i++)
		replay(argv[i], argv[i]);
	return done();
}
