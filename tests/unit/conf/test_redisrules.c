/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_redisrules.c - what may be said of Redis in the section "cache", together
 * and alone; and what becomes of it.
 */
#include "config.h"

#include "conf/redisrules.h"

#include "fakes/conf_user.h"
#include "tap.h"

static const struct conf_row rows[] = {
    {"an address without its brackets", "cache {\ncluster = { \"::1\" } }\n" CONF_DEFAULT,
	"2: cluster: must be like"},
    {"and a cluster",
	"cache { redis = \"redis://127.0.0.1\"\ncluster = { \"[::1]\" } }\n" CONF_DEFAULT,
	"2: cluster: there is redis already"},
    {"sentinels and a cluster",
	"cache { sentinels = { \"127.0.0.1\" } service = \"s\"\n"
	"cluster = { \"127.0.0.1\" } }\n" CONF_DEFAULT,
	"2: cluster: there is sentinels already"},
    {"a cluster", "cache { cluster = { \"127.0.0.1:7000\", \"[::1]:7001\" } }\n" CONF_DEFAULT,
	""},
    {"a name in a cluster", "cache { cluster = {\n\"redis.example:7000\" } }\n" CONF_DEFAULT,
	"2: cluster: must be like"},
    {"sentinels",
	"cache { sentinels = { \"127.0.0.1\" } service = \"mymaster\" user = \"u\" }\n" CONF_DEFAULT,
	""},
    {"sentinels of nothing", "cache {\nsentinels = { \"127.0.0.1\" } }\n" CONF_DEFAULT,
	"2: sentinels: is of no use without service"},
    {"service alone", "cache {\nservice = \"mymaster\" }\n" CONF_DEFAULT,
	"2: service: is of no use without sentinels"},
    {"service of two words",
	"cache { sentinels = { \"127.0.0.1\" }\nservice = \"a b\" }\n" CONF_DEFAULT,
	"2: service: must be"},
    {"password of no sentinels",
	"cache { cluster = { \"127.0.0.1\" }\nsentinel_password_file = \"~/key\" }\n" CONF_DEFAULT,
	"2: sentinel_password_file: is of no use without sentinels"},
    {"too many nodes",
	"cache { cluster = { \"127.0.0.1\", \"127.0.0.2\", \"127.0.0.3\", \"127.0.0.4\",\n"
	"\"127.0.0.5\", \"127.0.0.6\", \"127.0.0.7\", \"127.0.0.8\", \"127.0.0.9\",\n"
	"\"127.0.0.10\", \"127.0.0.11\", \"127.0.0.12\", \"127.0.0.13\", \"127.0.0.14\",\n"
	"\"127.0.0.15\", \"127.0.0.16\",\n\"127.0.0.17\" } }\n" CONF_DEFAULT,
	"5: cluster: there are too many"},
    {"TLS without an authority", "cache {\nredis = \"rediss://127.0.0.1\" }\n" CONF_DEFAULT,
	"2: redis: rediss:// needs tls_ca"},
    {"an authority without TLS",
	"cache { redis = \"redis://127.0.0.1\"\ntls_ca = \"~/key\" }\n" CONF_DEFAULT,
	"2: tls_ca: is of no use without rediss://"},
    {"an authority alone", "cache {\ntls_ca = \"~/key\" }\n" CONF_DEFAULT,
	"2: tls_ca: is of no use without redis"},
    {"no authority",
	"cache { redis = \"rediss://127.0.0.1\"\ntls_ca = \"~/none\" }\n" CONF_DEFAULT,
	"2: tls_ca: No such file"},
    {"an authority that is none",
	"cache { cluster = { \"127.0.0.1\" }\ntls_ca = \"~/key\" }\n" CONF_DEFAULT,
	"2: tls_ca: "},
    {"copies at the cache's",
	"cache { redis = \"redis://127.0.0.1\" } store { path = \"/s\" redis = 64M }\n" CONF_DEFAULT,
	""},
    {"copies at a cluster",
	"store { path = \"/s\" redis = 64M redis_cluster = { \"127.0.0.1\" } redis_user = \"u\" }\n" CONF_DEFAULT,
	""},
    {"copies nowhere", "store { path = \"/s\"\nredis = 64M }\n" CONF_DEFAULT,
	"2: redis: is of no use without redis_server, redis_sentinels or redis_cluster"},
    {"copies of nothing",
	"store {\nredis = 64M redis_server = \"redis://127.0.0.1\" }\n" CONF_DEFAULT,
	"2: redis: is of no use without path"},
    {"a server of no copies",
	"store { path = \"/s\" redis_server = \"redis://127.0.0.1\" }\n" CONF_DEFAULT,
	"1: redis_server: is of no use without redis"},
    {"two servers of copies",
	"store { path = \"/s\" redis = 1M redis_server = \"redis://127.0.0.1\"\n"
	"redis_cluster = { \"127.0.0.1\" } }\n" CONF_DEFAULT,
	"2: redis_cluster: there is redis_server already"},
    {"a user of no copies", "store { path = \"/s\"\nredis_user = \"u\" }\n" CONF_DEFAULT,
	"2: redis_user: is of no use without redis_server, redis_sentinels or redis_cluster"},
    {"a certificate without its key",
	"cache { cluster = { \"127.0.0.1\" } tls_ca = \"~/key\"\ntls_cert = \"~/key\" }\n" CONF_DEFAULT,
	"2: tls_cert: is of no use without tls_key"},
    {"a key that others read",
	"cache { cluster = { \"127.0.0.1\" } tls_ca = \"~/key\" tls_cert = \"~/key\"\n"
	"tls_key = \"~/open\" }\n" CONF_DEFAULT,
	"2: tls_key: everybody may read it"},
};

static const char CLUSTER[] =
    "cache { cluster = { \"127.0.0.1:7000\", \"[::1]:7001\" } user = \"rg\"\n"
    "	password_file = \"~/key\" }\n" CONF_DEFAULT;
static const char SERVICE[] =
    "cache { sentinels = { \"127.0.0.1\", \"127.0.0.1:7001\" } service = \"mymaster\"\n"
    "	sentinel_password_file = \"~/key\" }\n" CONF_DEFAULT;

static void
test_cluster(void)
{
	char got[200];
	struct conf *conf = conf_user_load(CLUSTER, NULL, got, sizeof(got));

	if (!ok(conf != NULL, "cluster: loads"))
		return;
	ok(conf->use_redis, "cluster: is used");
	same_num(conf->redis.kind, REDIS_CLUSTER, "cluster: its kind");
	same_num(conf->redis.nseeds, 2, "cluster: its nodes");
	same_num(conf->redis.seed[1].port, 7001, "cluster: a port");
	same_str(conf->redis.user, "rg", "cluster: the user");
	same_str(conf->redis.password, "sekrit", "cluster: the password");
	ok(conf->redis.host == NULL && !conf->redis.tls, "cluster: nothing else");
	conf_unref(&conf);
}

static void
test_service(void)
{
	char got[200];
	struct conf *conf = conf_user_load(SERVICE, NULL, got, sizeof(got));

	if (!ok(conf != NULL, "service: loads"))
		return;
	ok(conf->use_redis, "service: is used");
	same_num(conf->redis.kind, REDIS_SENTINEL, "service: its kind");
	same_num(conf->redis.nseeds, 2, "service: its Sentinels");
	same_num(conf->redis.seed[0].port, 26379, "service: their usual port");
	same_str(conf->redis.service, "mymaster", "service: its name");
	same_str(conf->redis.sentinel_password, "sekrit", "service: the password of Sentinels");
	ok(conf->redis.password == NULL, "service: which is none of Redis");
	conf_unref(&conf);
}

int
main(void)
{
	conf_user_begin();
	conf_user_write("key", "sekrit\n", 0600);
	conf_user_write("open", "sekrit\n", 0644);
	CONF_USER_ROWS(rows, NULL);
	test_cluster();
	test_service();
	conf_user_end();
	return done();
}
