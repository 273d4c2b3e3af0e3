/*
 * w4: one member of a group sends with --window messages under way; every member (the sender included) must get each
 * before it counts as delivered.
 */
#include "measure.h"
#include "options.h"
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>

#define RING 65536

/* How many members still have to get the message with this id. */
static uint32_t *missing;
static int sending = 1;

static void fill_window(connection *c) {
	if (!sending || c->phase != PHASE_ONLINE) return;
	while (c->outstanding < (uint32_t)options.window) {
		char body[BODY_MAX];
		uint32_t id = (uint32_t)c->sent++;
		missing[id % RING] = options.members;
		size_t length = make_body(body, id, c->index);
		protocol->group_send(c, options.group, body, length, id);
		c->outstanding++;
		counters.sent++;
	}
}

static void on_received(connection *c, struct stamp stamp) {
	(void)c;
	uint32_t *members = &missing[stamp.id % RING];
	if (*members == 0 || --*members > 0) return;
	connection *sender = connections[stamp.sender];
	sender->outstanding--;
	fill_window(sender);
}

/* One after the other: the joins of some servers grow with the square of the members. */
static void join_all(void) {
	for (int i = 0; i < options.members && connections[i]; i++) {
		if (connections[i]->phase == PHASE_ONLINE) protocol->join(connections[i], options.group);
		double limit = now_seconds() + 2;
		while (counters.joined <= i && now_seconds() < limit) pump(20);
	}
}

static int run(void) {
	missing = calloc(RING, sizeof *missing);
	connect_users(options.base, options.members, 30);
	join_all();
	pump_for(1);
	printf(",\"joined\":%d", counters.joined);
	if (counters.joined < options.members) return 0;
	fill_window(connections[0]);
	pump_for(1);

	measuring = 1;
	counters.received = 0;
	struct usage from = usage_now();
	pump_for(options.seconds);
	struct usage to = usage_now();
	uint64_t received = counters.received;
	sending = 0;
	pump_for(1);

	printf(",\"members\":%d,\"window\":%d", options.members, options.window);
	printf(",\"deliveries_per_s\":%.0f", received / (to.at - from.at));
	printf(",\"p50_ms\":%.3f,\"p99_ms\":%.3f", latency_quantile(.5), latency_quantile(.99));
	printf(",\"srv_cpu_s_per_10k\":%.3f", server_cpu_per_10k(from, to, received));
	printf(",\"srv_cpu_pct\":%.0f,\"gen_cpu_pct\":%.0f", server_cpu_percent(from, to), generator_cpu_percent(from, to));
	printf(",\"rss_mb\":%.1f,\"outstanding\":%u", server_memory_mb("VmRSS"), connections[0]->outstanding);
	return 1;
}

const struct workload workload_group = {.name = "group", .run = run, .received = on_received};
