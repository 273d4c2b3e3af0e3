#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options options = {
	.host = "127.0.0.1",
	.domain = "bench.test",
	.password = "secret",
	.work = "w1",
	.group = "g1",
	.ackfile = "acked.bin",
	.port = 23000,
	.body = 200,
	.seconds = 15,
	.inflight = 64,
	.pairs = 200,
	.window = 16,
	.users = 1000,
	.per = 100,
	.senders = 20,
	.conns = 10000,
	.settle = 3,
	.members = 256,
	.qos = 1,
};

const driver *protocol = &driver_xmpp;

static const struct {
	const char *name;
	const char **value;
} TEXT_OPTIONS[] = {
	{"host", &options.host},   {"domain", &options.domain}, {"pass", &options.password},
	{"work", &options.work},   {"group", &options.group},   {"ackfile", &options.ackfile},
};

static const struct {
	const char *name;
	int *value;
} NUMBER_OPTIONS[] = {
	{"port", &options.port},       {"pid", &options.pid},         {"body", &options.body},
	{"secs", &options.seconds},    {"base", &options.base},       {"inflight", &options.inflight},
	{"pairs", &options.pairs},     {"window", &options.window},   {"rate", &options.rate},
	{"users", &options.users},     {"per", &options.per},         {"senders", &options.senders},
	{"killat", &options.killat},   {"conns", &options.conns},     {"settle", &options.settle},
	{"members", &options.members}, {"persist", &options.persist}, {"sm", &options.sm},
	{"reg", &options.register_},   {"qos", &options.qos},
};

static int set_driver(const char *name) {
	const driver *all[] = {&driver_xmpp, &driver_mqtt, &driver_raw, &driver_troth};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (strcmp(all[i]->name, name) == 0) {
			protocol = all[i];
			return 1;
		}
	}
	return 0;
}

static int set_option(const char *name, const char *value) {
	if (strcmp(name, "driver") == 0) return set_driver(value);
	for (size_t i = 0; i < sizeof TEXT_OPTIONS / sizeof *TEXT_OPTIONS; i++) {
		if (strcmp(TEXT_OPTIONS[i].name, name) == 0) {
			*TEXT_OPTIONS[i].value = value;
			return 1;
		}
	}
	for (size_t i = 0; i < sizeof NUMBER_OPTIONS / sizeof *NUMBER_OPTIONS; i++) {
		if (strcmp(NUMBER_OPTIONS[i].name, name) == 0) {
			*NUMBER_OPTIONS[i].value = atoi(value);
			return 1;
		}
	}
	return 0;
}

int read_options(int count, char **arguments) {
	for (int i = 1; i < count; i += 2) {
		const char *name = arguments[i];
		if (strncmp(name, "--", 2) != 0 || i + 1 >= count || !set_option(name + 2, arguments[i + 1])) {
			fprintf(stderr, "unknown or incomplete option %s\n", name);
			return 2;
		}
	}
	return 0;
}
