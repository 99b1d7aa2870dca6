/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorsystem.c - what the kernel says of time, room and descriptors, and what the
 * daemon says of itself.
 */
#include "config.h"

#include "ctl/doctorsystem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "ctl/client.h"
#include "loop/loop.h"
#include "os/socketspec.h"

#define PATH_SIZE 256
#define TEXT_SIZE 256
#define LINE_SIZE 512
#define STATUS_MS 1000
#define PROGRAM_MS 1000
#define MANY_PERCENT 80                           /* of descriptors in use */
#define FEW_FILES 1024                            /* that a service has by default */
#define LIBEVENT_MENDED "2.1.13"                  /* CVE-2026-63379 and others */
#define LIBEVENT_DEBIAN "2.1.12-stable-8+deb12u1" /* has them mended, too */

/* --- The clock --- */

static void
look_at_clock(struct machine *m)
{
	struct timex t = {.modes = 0};
	int state = adjtimex(&t);

	if (state < 0)
		machine_add(m, FINDING_UNSEEN, "clock", NULL, "%s", strerror(errno));
	else if (state == TIME_ERROR || (t.status & STA_UNSYNC) != 0)
		machine_add(m, FINDING_WARNING, "clock",
		    "have it kept by NTP: chrony, or timedatectl set-ntp true",
		    "the clock is not synchronised: times in the log and in the store may be "
		    "wrong, and signatures in DNS fail");
	else
		machine_add(m, FINDING_OK, "clock", NULL, "the clock is synchronised");
}

/* --- Room --- */

/* The bytes that the store has in its folder; -1: it cannot be looked at. */
static int64_t
bytes_in_store(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int64_t bytes = 0;
	struct stat st;

	if (dir == NULL)
		return -1;
	while ((entry = readdir(dir)) != NULL)
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			bytes += st.st_size;
	(void)closedir(dir);
	return bytes;
}

static void
look_at_disk(struct machine *m)
{
	const struct store_options *o = &m->conf->store;
	struct statvfs fs;
	int64_t used, room;

	if (o->path == NULL)
		return;
	used = bytes_in_store(o->path);
	if (used < 0 || statvfs(o->path, &fs) != 0) {
		machine_add(
		    m, FINDING_UNSEEN, "disk", NULL, "%s: %s", o->path, strerror(errno));
		return;
	}
	room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	if (used + room < o->size)
		machine_add(m, FINDING_WARNING, "disk",
		    "make room, or have a smaller size or keep of store in relayguard.conf",
		    "%s: %" PRId64 " MB are free, and the store may grow by %" PRId64
		    " MB: decisions would not be kept",
		    o->path, room >> 20, (o->size - used) >> 20);
	else
		machine_add(
		    m, FINDING_OK, "disk", NULL, "%s: there is room for the store", o->path);
}

/* The number behind a name in a file of /proc, "MemAvailable:   123 kB"; -1: none. */
static int64_t
proc_number(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	char line[LINE_SIZE];
	int64_t found = -1;

	while (file != NULL && found < 0 && fgets(line, sizeof(line), file) != NULL) {
		const char *at = line + strlen(name);

		if (strncmp(line, name, strlen(name)) != 0)
			continue;
		at += strspn(at, " :\t");
		found = number_read(&at, INT64_C(1000000000000000));
	}
	if (file != NULL)
		(void)fclose(file);
	return found;
}

static void
look_at_memory(struct machine *m)
{
	int64_t free_kb = proc_number("/proc/meminfo", "MemAvailable");

	if (free_kb < 0)
		machine_add(m, FINDING_UNSEEN, "memory", NULL,
		    "/proc/meminfo does not say what is available");
	else if (free_kb < (int64_t)(m->conf->memory >> 10))
		machine_add(m, FINDING_WARNING, "memory",
		    "have a smaller memory of cache in relayguard.conf, or more in the machine",
		    "%" PRId64 " MB are available, and the cache may take %zu MB",
		    free_kb >> 10, m->conf->memory >> 20);
	else
		machine_add(m, FINDING_OK, "memory", NULL, "%" PRId64 " MB are available",
		    free_kb >> 10);
}

/* --- Libraries --- */

/* The version of Debian's package; false: that cannot be told here. */
static bool
debian_version(char *out, size_t size)
{
	static const char *const packages[] = {"libevent-core-2.1-7", "libevent-core-2.1-7t64"};
	const struct command_user self = {NULL, NULL};

	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
		const char *const argv[] = {
		    "dpkg-query", "-W", "-f", "${Version}", packages[i], NULL};

		if (command_run(argv, &self, clock_ms() + PROGRAM_MS, out, size) == 0 &&
		    out[0] != '\0')
			return true;
	}
	return false;
}

static bool
is_older(const char *version, const char *than)
{
	const char *const argv[] = {"dpkg", "--compare-versions", version, "lt", than, NULL};
	const struct command_user self = {NULL, NULL};
	char none[1];

	return command_run(argv, &self, clock_ms() + PROGRAM_MS, none, sizeof(none)) == 0;
}

/* Debian's mended 2.1.12 has the version of the other: only the package tells. */
static void
look_at_libevent(struct machine *m)
{
	const char *version = loop_version();
	char package[TEXT_SIZE];

	if (strverscmp(version, LIBEVENT_MENDED) >= 0)
		machine_add(m, FINDING_OK, "libevent", NULL, "libevent %s", version);
	else if (!debian_version(package, sizeof(package)))
		machine_add(m, FINDING_UNSEEN, "libevent", NULL,
		    "libevent %s: whether it has the fixes of 2026 only its package tells",
		    version);
	else if (is_older(package, LIBEVENT_DEBIAN))
		machine_add(m, FINDING_WARNING, "libevent",
		    "apt upgrade, and restart relayguard",
		    "libevent %s lacks the fixes of 2026 (CVE-2026-63379 and others)", package);
	else
		machine_add(m, FINDING_OK, "libevent", NULL, "libevent %s", package);
}

/* --- The daemon that runs --- */

/* Keep the data of the status. */
static int
take_status(const char *line, void *data)
{
	json_t *reply = json_loads(line, 0, NULL), **out = data;
	const json_t *status = json_object_get(reply, "status");
	json_t *found = json_object_get(reply, "data");
	int result = json_is_integer(status) ? (int)json_integer_value(status) : -1;

	if (*out == NULL && found != NULL)
		*out = json_incref(found);
	json_decref(reply);
	return result;
}

/* What it says of itself at a socket; NULL: nobody can be asked there, and where that is for
 * want of rights the path goes to denied. */
static json_t *
ask_status(const char *path, const char **denied)
{
	char listen[PATH_SIZE];
	json_t *data = NULL, *request;
	struct strbuf sb;

	strbuf_init(&sb, listen, sizeof(listen));
	strbuf_addf(&sb, "unix:%s", path != NULL ? path : "");
	if (path == NULL || sb.cut)
		return NULL;
	if (!socketspec_poke(listen)) {
		if (errno == EACCES)
			*denied = path;
		return NULL;
	}
	request = json_pack("{s:s}", "verb", "status");
	(void)client_ask(path, request, STATUS_MS, take_status, &data);
	json_decref(request);
	return data;
}

static unsigned
count_files(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n > 3 ? n - 3 : 0; /* . and .., and, of ours, this one */
}

static void
look_at_files(struct machine *m, int pid)
{
	char limits[PATH_SIZE], files[PATH_SIZE];
	int64_t most;
	unsigned used;

	(void)snprintf(limits, sizeof(limits), "/proc/%d/limits", pid);
	(void)snprintf(files, sizeof(files), "/proc/%d/fd", pid);
	most = proc_number(limits, "Max open files");
	used = count_files(files);
	if (most < 0 || used == 0)
		machine_add(m, FINDING_UNSEEN, "descriptors", NULL, MACHINE_NEEDS_ROOT);
	else if (used * 100 > most * MANY_PERCENT)
		machine_add(m, FINDING_WARNING, "descriptors",
		    "LimitNOFILE=65536 in its unit, or fewer max_sessions",
		    "%u of %" PRId64 " descriptors are in use", used, most);
	else if (most < FEW_FILES)
		machine_add(m, FINDING_WARNING, "descriptors", "LimitNOFILE=65536 in its unit",
		    "it may open %" PRId64 " files: that is few hundred clients at once", most);
	else
		machine_add(m, FINDING_OK, "descriptors", NULL,
		    "%u of %" PRId64 " descriptors are in use", used, most);
}

static void
look_at_daemon(struct machine *m)
{
	const char *denied = NULL, *version;
	json_t *status = ask_status(m->conf->control.status, &denied);

	if (status == NULL)
		status = ask_status(m->conf->control.socket, &denied);
	if (status == NULL)
		status = ask_status(MACHINE_SYSTEMD_SOCKET, &denied);
	if (status == NULL && denied != NULL) {
		machine_add(m, FINDING_UNSEEN, "version", NULL,
		    "%s: permission denied: be root, or in the group of that socket", denied);
		return;
	}
	if (status == NULL) {
		machine_add(m, FINDING_UNSEEN, "version", NULL,
		    "no control socket answers us: see control in relayguard.conf(5)");
		return;
	}
	version = json_string_value(json_object_get(status, "version"));
	if (version == NULL || strcmp(version, PACKAGE_VERSION) != 0)
		machine_add(m, FINDING_WARNING, "version", "systemctl restart relayguard",
		    "version %s runs, and %s is installed", version != NULL ? version : "?",
		    PACKAGE_VERSION);
	else
		machine_add(
		    m, FINDING_OK, "version", NULL, "version %s runs, as installed", version);
	look_at_files(m, (int)json_integer_value(json_object_get(status, "pid")));
	json_decref(status);
}

void
doctorsystem_look(struct machine *m)
{
	look_at_clock(m);
	look_at_libevent(m);
	if (m->conf == NULL) {
		machine_add(m, FINDING_UNSEEN, "version", NULL, MACHINE_NEEDS_CONF);
		return;
	}
	look_at_disk(m);
	look_at_memory(m);
	look_at_daemon(m);
}
