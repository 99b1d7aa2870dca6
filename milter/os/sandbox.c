/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/sandbox.c - Landlock for files, seccomp for system calls, on Linux.  A call
 * that is not known here fails with EPERM, and one that only an intruder needs
 * ends the process.
 */
#include "config.h"

#include "os/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#endif
#if defined(HAVE_LINUX_LANDLOCK_H)
#include <linux/landlock.h>
#endif
#if defined(HAVE_SECCOMP)
#include <seccomp.h>
#endif

#include "base/log.h"
#include "base/strbuf.h"
#include "os/linkpath.h"

/* Where libraries, character sets, zones and names are, and what Debian, Fedora
 * and FreeBSD link /etc/resolv.conf to. */
static const char *const readable[] = {"/etc", "/usr/share", "/usr/lib", "/usr/lib64",
    "/usr/local/lib", "/usr/local/share", "/lib", "/lib64", "/dev/null", "/dev/urandom"};

static const char *const resolver_files[] = {
    "/etc/resolv.conf", "/etc/hosts", "/etc/localtime", "/etc/nsswitch.conf"};

/* The folder of a file; false: its name is too long. */
static bool
folder_of(const char *file, char out[PATH_MAX])
{
	const char *slash = strrchr(file, '/');
	struct strbuf sb;

	strbuf_init(&sb, out, PATH_MAX);
	if (slash == NULL)
		strbuf_add(&sb, ".");
	else
		strbuf_addn(&sb, file, slash == file ? 1 : (size_t)(slash - file));
	return !sb.cut;
}

/* --- Landlock --- */

#if defined(HAVE_LINUX_LANDLOCK_H)

/* Rights of later versions than the header may know. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif

#define RIGHTS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_REMOVE LANDLOCK_ACCESS_FS_REMOVE_FILE
#define RIGHTS_KEEP                                                    \
	(RIGHTS_READ | RIGHTS_REMOVE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_TRUNCATE)
#define RIGHTS_OF_FILES LANDLOCK_ACCESS_FS_READ_FILE /* the rest is for folders only */

/* All rights that this version can withhold. */
static uint64_t
rights_of(int abi)
{
	uint64_t rights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
	    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
	    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
	    LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
	    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
	    LANDLOCK_ACCESS_FS_MAKE_SYM;

	if (abi >= 2)
		rights |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (abi >= 5)
		rights |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	return rights;
}

static void
begin_files(struct sandbox *box)
{
	struct landlock_ruleset_attr attr = {0};

	box->abi =
	    (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (box->abi < 1)
		return;
	attr.handled_access_fs = rights_of(box->abi);
	/* The first version of the structure: this is all that it has. */
	box->rules =
	    (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_access_fs), 0);
}

static void
allow(const struct sandbox *box, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr attr = {
	    .allowed_access = rights & rights_of(box->abi)};

	if (box->rules < 0 || (attr.parent_fd = open(path, O_PATH | O_CLOEXEC)) < 0)
		return;
	if (syscall(SYS_landlock_add_rule, box->rules, LANDLOCK_RULE_PATH_BENEATH, &attr, 0) !=
	    0) {
		attr.allowed_access &= RIGHTS_OF_FILES;
		(void)syscall(
		    SYS_landlock_add_rule, box->rules, LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
	}
	close(attr.parent_fd);
}

static bool
enter_files(struct sandbox *box)
{
	bool good = box->rules >= 0 && syscall(SYS_landlock_restrict_self, box->rules, 0) == 0;

	if (box->rules >= 0)
		close(box->rules);
	box->rules = -1;
	return good;
}

#else

#define RIGHTS_READ 0
#define RIGHTS_REMOVE 0
#define RIGHTS_KEEP 0

static void
begin_files(struct sandbox *box)
{
	box->abi = 0;
}

static void
allow(const struct sandbox *box, const char *path, uint64_t rights)
{
	(void)box;
	(void)path;
	(void)rights;
}

static bool
enter_files(struct sandbox *box)
{
	(void)box;
	return false;
}

#endif

/* --- System calls --- */

/* Sanitizers make calls of their own, and run programs to explain themselves. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(HAVE_SECCOMP) && !defined(SANITIZED)

/* What libc and our libraries do on any of their versions; some are no calls of
 * this kernel or machine, and are left out. */
static const char *const needed[] = {
    /* memory */
    "brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "membarrier",
    /* threads */
    "clone", "clone3", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "futex",
    "futex_time64", "futex_waitv", "futex_wake", "futex_wait", "futex_requeue", "sched_yield",
    "sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_get_priority_max",
    "sched_get_priority_min", "exit", "exit_group", "gettid", "getpid", "getppid", "tgkill",
    "arch_prctl", "getcpu",
    /* signals */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait",
    "rt_sigtimedwait_time64", "rt_sigpending", "rt_sigsuspend", "sigaltstack", "sigreturn",
    "sigprocmask", "restart_syscall", "pause",
    /* time */
    "clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64",
    "clock_nanosleep", "clock_nanosleep_time64", "nanosleep", "gettimeofday", "time",
    "timerfd_create", "timerfd_settime", "timerfd_settime64", "timerfd_gettime",
    /* files: what may be opened, Landlock says */
    "open", "openat", "openat2", "close", "close_range", "read", "readv", "pread64", "preadv",
    "write", "writev", "pwrite64", "lseek", "_llseek", "stat", "stat64", "lstat", "lstat64",
    "fstat", "fstat64", "newfstatat", "fstatat64", "statx", "statfs", "statfs64", "fstatfs",
    "fstatfs64", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getcwd",
    "getdents", "getdents64", "unlink", "unlinkat", "rename", "renameat", "renameat2", "dup",
    "dup2", "dup3", "fcntl", "fcntl64", "flock", "fsync", "fdatasync", "ftruncate", "fadvise64",
    "utimensat", "utimensat_time64", "pipe", "pipe2", "umask",
    /* waiting */
    "poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6", "pselect6_time64",
    "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
    "eventfd", "eventfd2",
    /* the network */
    "socketpair", "socketcall", "connect", "bind", "listen", "accept", "accept4", "shutdown",
    "getsockname", "getpeername", "getsockopt", "setsockopt", "send", "sendto", "sendmsg",
    "sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64",
    /* who and what we are */
    "getuid", "getuid32", "geteuid", "geteuid32", "getgid", "getgid32", "getegid", "getegid32",
    "getgroups", "getgroups32", "getrlimit", "ugetrlimit", "getrusage", "getpriority", "uname",
    "sysinfo", "getrandom", "getpgrp", "getsid", "times"};

/* Calls that are needed with one of some arguments only. */
static const struct {
	const char *name;
	unsigned argument;
	uint64_t value;
} conditional[] = {
    {"prctl", 0, PR_SET_NAME},
    {"prctl", 0, PR_GET_NAME},
    {"prctl", 0, 0x53564d41}, /* PR_SET_VMA: glibc names its memory */
    {"prlimit64", 2, 0},      /* asks, and sets nothing */
    {"socket", 0, AF_UNIX},
    {"socket", 0, AF_INET},
    {"socket", 0, AF_INET6},
    {"ioctl", 1, FIONBIO},
    {"ioctl", 1, FIONREAD},
    {"ioctl", 1, TCGETS},
    {"ioctl", 1, SIOCGIFINDEX}, /* of link-local servers */
    {"ioctl", 1, SIOCGIFNAME},
};

/* What nobody does here but who has taken over the process. */
static const char *const hostile[] = {"execve", "execveat", "ptrace", "process_vm_readv",
    "process_vm_writev", "bpf", "mount", "umount2", "move_mount", "fsopen", "open_tree",
    "pivot_root", "chroot", "keyctl", "add_key", "request_key", "io_uring_setup",
    "io_uring_enter", "io_uring_register", "userfaultfd", "init_module", "finit_module",
    "delete_module", "kexec_load", "kexec_file_load", "perf_event_open", "setns", "unshare",
    "pidfd_getfd"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Calls by their names; those that are none here are left out. */
static int
add_calls(scmp_filter_ctx filter, uint32_t action, const char *const names[], size_t n)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		int call = seccomp_syscall_resolve_name(names[i]);

		if (call >= 0)
			bad |= seccomp_rule_add(filter, action, call, 0);
	}
	return bad;
}

static bool
add_rules(scmp_filter_ctx filter)
{
	int bad = add_calls(filter, SCMP_ACT_ALLOW, needed, COUNT(needed));

	for (size_t i = 0; i < COUNT(conditional); i++)
		bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW,
		    seccomp_syscall_resolve_name(conditional[i].name), 1,
		    SCMP_CMP(conditional[i].argument, SCMP_CMP_EQ, conditional[i].value, 0));
	bad |= add_calls(filter, SCMP_ACT_KILL_PROCESS, hostile, COUNT(hostile));
	return bad == 0;
}

/* All that a process needs that has what it works with open: no call in here
 * reaches a file, a process or the network.  Where socketcall is the way to a
 * socket, there is no descriptor left for a new one. */
static const char *const harmless[] = {"socketcall", "sigreturn", "brk", "munmap", "mremap",
    "madvise", "read", "readv", "recv", "recvfrom", "write", "writev", "send", "sendto",
    "shutdown", "close", "exit", "exit_group", "futex", "futex_time64", "rt_sigaction",
    "rt_sigprocmask", "rt_sigreturn", "restart_syscall", "getpid", "gettid", "getrandom",
    "uname", "getrusage", "clock_gettime", "clock_gettime64", "gettimeofday", "time",
    "setitimer"};

/* Memory that cannot be run. */
static const char *const mapping[] = {"mmap", "mmap2", "mprotect"};

static bool
add_cage(scmp_filter_ctx filter)
{
	int bad = add_calls(filter, SCMP_ACT_ALLOW, harmless, COUNT(harmless));

	for (size_t i = 0; i < COUNT(mapping); i++) {
		int call = seccomp_syscall_resolve_name(mapping[i]);

		if (call >= 0)
			bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
			    SCMP_CMP(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	}
	return bad == 0;
}

static void
cage_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (filter != NULL && add_cage(filter))
		(void)seccomp_load(filter);
	seccomp_release(filter);
}

/* NULL: it is in force; else why not. */
static const char *
enter_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool good;

	if (filter == NULL)
		return "libseccomp cannot be used";
	/* The kernel is asked through a binary tree: so many calls make a long list. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	good = add_rules(filter) && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return good ? NULL : "the kernel does not take the filter";
}

#elif defined(SANITIZED)

static void
cage_calls(void)
{
}

static const char *
enter_calls(void)
{
	return "built with a sanitizer";
}

#else

static void
cage_calls(void)
{
}

static const char *
enter_calls(void)
{
	return "built without libseccomp";
}

#endif

/* --- All of it --- */

void
sandbox_begin(struct sandbox *box)
{
	box->rules = -1;
	begin_files(box);
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		allow(box, readable[i], RIGHTS_READ);
	for (size_t i = 0; i < sizeof(resolver_files) / sizeof(resolver_files[0]); i++)
		sandbox_may_read(box, resolver_files[i]);
}

static void
allow_beside(const struct sandbox *box, const char *file, uint64_t rights)
{
	char folder[PATH_MAX];

	if (folder_of(file, folder))
		allow(box, folder, rights);
}

static void
allow_folder(void *arg, const char *folder)
{
	allow(arg, folder, RIGHTS_READ);
}

void
sandbox_may_read(struct sandbox *box, const char *file)
{
	char *real = realpath(file, NULL);

	linkpath_each(file, allow_folder, box);

	allow_beside(box, file, RIGHTS_READ);
	if (real != NULL)
		allow_beside(box, real, RIGHTS_READ);
	free(real);
}

void
sandbox_may_remove(struct sandbox *box, const char *file)
{
	allow_beside(box, file, RIGHTS_REMOVE);
}

void
sandbox_may_keep(struct sandbox *box, const char *folder)
{
	allow(box, folder, RIGHTS_KEEP);
}

/* No privilege is gained by anything from now on, and no process of ours can be
 * looked into by others of this user. */
static bool
enter_process(void)
{
#if defined(__linux__)
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
#else
	return false;
#endif
}

void
sandbox_enter(struct sandbox *box)
{
	bool process = enter_process(), files = enter_files(box);
	const char *why = enter_calls();
	char abi[16];
	struct logline line;

	snprintf(abi, sizeof(abi), "%d", box->abi);
	logline_event(&line, "sandbox");
	logline_str(&line, "no-new-privs", process ? "yes" : "no");
	logline_str(&line, "landlock", files ? abi : "no");
	logline_str(&line, "seccomp", why == NULL ? "yes" : "no");
	logline_words(&line, "why", why);
	logline_end(&line, LOG_LEVEL_INFO);
}

/* --- A cage --- */

/* No more than that, nor than it is now. */
static bool
limit(int what, rlim_t value)
{
	struct rlimit r;

	if (getrlimit(what, &r) != 0)
		return false;
	if (r.rlim_max == RLIM_INFINITY || r.rlim_max > value)
		r.rlim_max = value;
	r.rlim_cur = r.rlim_max;
	return setrlimit(what, &r) == 0;
}

/* Sanitizers reserve more of the address space than there is memory. */
static bool
limit_memory(unsigned long memory)
{
#if defined(SANITIZED)
	(void)memory;
	return true;
#else
	return limit(RLIMIT_AS, memory);
#endif
}

bool
sandbox_cage(unsigned long memory, unsigned seconds)
{
	struct sandbox box = {.rules = -1};
	bool good;

	begin_files(&box);
	(void)enter_process();
	(void)enter_files(&box);
	good = limit_memory(memory) && limit(RLIMIT_CPU, seconds) && limit(RLIMIT_CORE, 0) &&
	    limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, 0) && limit(RLIMIT_NPROC, 0);
	cage_calls();
	return good;
}
