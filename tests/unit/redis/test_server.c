/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_redis_server.c - the client of Redis against a real redis-server or
 * valkey-server, started here on a free port and a socket in a directory of
 * its own.  Skipped where there is none.
 */
#include "config.h"

#include "redis/redis.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fakes/redis_user.h"
#include "tap.h"

#define PASSWORD "Sw0rdfish-PASS"
#define USER_PASSWORD "Herring-PASS"
#define LONG 10000 /* milliseconds of patience, where an answer is to be had */
#define SHORT 200  /* where none is */

static const char key[] = "rg1:{198.51.100.7}:bl.example";
static const char value[] = "1|127.0.0.2|1766300000";

static char dir[] = "/tmp/test_redis.XXXXXX";
static char program[300], tcp[64], local[64];
static pid_t server;

/* Find a program in PATH. */
static bool
find_program(const char *name)
{
	const char *path = getenv("PATH");

	while (path != NULL && *path != '\0') {
		size_t len = strcspn(path, ":");

		(void)snprintf(program, sizeof(program), "%.*s/%s", (int)len, path, name);
		if (access(program, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

static unsigned
free_port(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&in, len) != 0 ||
	    getsockname(fd, (struct sockaddr *)&in, &len) != 0)
		abort();
	close(fd);
	return ntohs(in.sin_port);
}

static bool
write_config(unsigned port)
{
	char path[64];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/conf", dir);
	(void)snprintf(tcp, sizeof(tcp), "redis://127.0.0.1:%u", port);
	(void)snprintf(local, sizeof(local), "unix:%s/s", dir);
	if ((f = fopen(path, "w")) == NULL)
		return false;
	fprintf(f, "port %u\nbind 127.0.0.1\nunixsocket %s/s\ndir %s\nlogfile %s/log\n", port,
	    dir, dir, dir);
	fprintf(f, "save \"\"\nappendonly no\ndaemonize no\nrequirepass %s\n", PASSWORD);
	fprintf(
	    f, "user relayguard on >%s resetkeys ~rg1:* resetchannels -@all", USER_PASSWORD);
	fprintf(f, " +get +mget +set +auth +ping +select\n");
	return fclose(f) == 0;
}

static bool
start_server(void)
{
	char path[64];
	int null;

	(void)snprintf(path, sizeof(path), "%s/conf", dir);
	server = fork();
	if (server != 0)
		return server > 0;
	alarm(120); /* should this test die before it */
	null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	execl(program, program, path, (char *)NULL);
	_exit(127);
}

static void
stop_server(void)
{
	if (server <= 0)
		return;
	kill(server, SIGCONT);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	server = 0;
}

static void
clean_up(void)
{
	static const char *const names[] = {"conf", "log", "s", "dump.rdb"};
	char path[80];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

/* It goes down until the server listens, and up then: so it is waited for. */
static bool
wait_server(void)
{
	struct client c;
	bool good;

	user_new_log();
	c = user_open(tcp, NULL, PASSWORD, LONG);
	user_put(&c, key, value, 60);
	good = user_logged("redis-down") == 0 || user_wait_logged("redis-up", 1);
	user_close(&c);
	return good;
}

static void
test_ways_in(void)
{
	static const struct {
		const char *label, *url, *suffix, *user, *password, *reason;
	} rows[] = {
	    {"port, password", tcp, "", NULL, PASSWORD, NULL},
	    {"port, user", tcp, "/0", "relayguard", USER_PASSWORD, NULL},
	    {"socket, password", local, "", NULL, PASSWORD, NULL},
	    {"socket, user", local, "?db=0", "relayguard", USER_PASSWORD, NULL},
	    {"no password", tcp, "", NULL, NULL, "PING-answered-NOAUTH"},
	    {"wrong password", tcp, "", NULL, USER_PASSWORD, "AUTH-answered-WRONGPASS"},
	    {"wrong user", local, "", "nobody", USER_PASSWORD, "AUTH-answered-WRONGPASS"},
	    {"no such database", tcp, "/9999", NULL, PASSWORD, "SELECT-answered-ERR"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct client c;
		char url[80];

		user_new_log();
		(void)snprintf(url, sizeof(url), "%s%s", rows[i].url, rows[i].suffix);
		c = user_open(url, rows[i].user, rows[i].password, LONG);
		user_holds(&c, key, "");
		user_put(&c, key, value, 60);
		same_num(user_holds(&c, key, value), rows[i].reason == NULL, rows[i].label);
		same_num(user_logged("redis-down"), rows[i].reason != NULL, rows[i].label);
		ok(rows[i].reason == NULL || user_logged(rows[i].reason) == 1, "%s: why",
		    rows[i].label);
		ok(user_logged("PASS") == user_logged("WRONGPASS"),
		    "%s: no password in the log", rows[i].label);
		user_close(&c);
	}
}

static void
test_databases(void)
{
	struct client zero = user_open(tcp, NULL, PASSWORD, LONG), one;
	char url[80];

	(void)snprintf(url, sizeof(url), "%s/1", tcp);
	one = user_open(url, NULL, PASSWORD, LONG);
	user_holds(&one, key, "");
	user_put(&one, key, "of one", 60);
	ok(user_holds(&one, key, "of one"), "database 1 has its own value");
	ok(user_holds(&zero, key, value), "database 0 too");
	user_close(&zero);
	user_close(&one);
}

static void
test_rights(void)
{
	struct client c;
	static struct question q;
	const char *foreign = "secret:key";

	user_new_log();
	c = user_open(local, "relayguard", USER_PASSWORD, LONG);
	ok(user_holds(&c, key, value), "a key of ours");
	ok(user_ask(&c, 1, &foreign, &q) && q.len[0] < 0, "a foreign key is a miss");
	user_put(&c, foreign, "x", 60);
	same_num(user_logged("error=NOPERM"), 1, "said once");
	same_num(user_logged("redis-down"), 0, "and the connection stays");
	ok(user_holds(&c, key, value), "as is seen");
	user_close(&c);
}

static void
test_stopped(void)
{
	struct client c = user_open(tcp, NULL, PASSWORD, SHORT);
	static struct question q;
	const char *keys[] = {key};

	user_new_log();
	kill(server, SIGSTOP);
	for (unsigned i = 0; i < 3; i++)
		ok(user_ask(&c, 1, keys, &q) && q.len[0] < 0, "stopped: a miss");
	same_num(user_logged("reason=no-answer-in-time"), 1, "stopped: said once");
	kill(server, SIGCONT);
	ok(user_wait_logged("redis-up", 1), "goes on: said");
	ok(user_holds(&c, key, value), "goes on: used again");
	user_close(&c);
}

static void
test_killed(void)
{
	struct client c = user_open(tcp, NULL, PASSWORD, LONG);
	static struct question q;
	const char *keys[] = {key};

	ok(user_holds(&c, key, value), "killed: there before");
	user_new_log();
	stop_server();
	ok(user_wait_logged("redis-down", 1), "killed: said, without being asked");
	ok(user_ask(&c, 1, keys, &q) && q.len[0] < 0, "killed: a miss");
	ok(start_server(), "started again");
	ok(user_wait_logged("redis-up", 1), "started again: said");
	user_put(&c, key, value, 60);
	ok(user_holds(&c, key, value), "started again: used");
	same_num(user_logged("redis-down"), 1, "one line for each");
	user_close(&c);
}

int
main(void)
{
	if (!find_program("redis-server") && !find_program("valkey-server")) {
		printf("1..0 # SKIP no redis-server in PATH\n");
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(dir) == NULL)
		abort();
	if (ok(write_config(free_port()) && start_server(), "a server")) {
		user_start();
		if (ok(wait_server(), "it listens")) {
			test_ways_in();
			test_databases();
			test_rights();
			test_stopped();
			test_killed();
		}
		user_stop();
	}
	stop_server();
	clean_up();
	return done();
}
