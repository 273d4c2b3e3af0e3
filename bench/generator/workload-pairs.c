/*
 * w1: pairs of online users. Each sender keeps --window messages under way; the delivery of one releases the next.
 * With --rate the messages are sent at that rate instead, in an open loop.
 */
#include "measure.h"
#include "options.h"
#include "workload.h"

#include <stdio.h>

static int sending = 1;

static void send_one(connection *c) {
	char to[USER_NAME_BYTES];
	char body[BODY_MAX];
	snprintf(to, sizeof to, "u%d", options.base + c->index + options.pairs);
	size_t length = make_body(body, (uint32_t)c->sent++, c->index);
	protocol->send(c, to, body, length, (uint32_t)c->sent);
	c->outstanding++;
	counters.sent++;
}

static void fill_window(connection *c) {
	if (!sending || c->phase != PHASE_ONLINE) return;
	while (c->outstanding < (uint32_t)options.window) {
		send_one(c);
		if (options.rate) break;
	}
}

static void on_received(connection *c, struct stamp stamp) {
	(void)c;
	connection *sender = connections[stamp.sender];
	sender->outstanding--;
	if (!options.rate) fill_window(sender);
}

static void send_at_rate(double until) {
	double due = now_seconds();
	int turn = 0;
	for (double now = due; now < until; now = now_seconds()) {
		while (due <= now) {
			fill_window(connections[turn++ % options.pairs]);
			due += 1.0 / options.rate;
		}
		pump(1);
	}
}

static int run(void) {
	connect_users(options.base, 2 * options.pairs, 60);
	if (counters.online < 2 * options.pairs) return 0;
	if (!options.rate) {
		for (int i = 0; i < options.pairs; i++) fill_window(connections[i]);
		pump_for(1);
	}

	measuring = 1;
	counters.received = 0;
	struct usage from = usage_now();
	if (options.rate) send_at_rate(from.at + options.seconds);
	else pump_for(options.seconds);
	struct usage to = usage_now();
	uint64_t received = counters.received;
	measuring = 0;
	double rss = server_memory_mb("VmRSS");
	double peak = server_memory_mb("VmHWM");

	sending = 0;
	pump_for(0.7);
	uint64_t lost = 0;
	for (int i = 0; i < options.pairs; i++) lost += connections[i]->outstanding;

	printf(",\"pairs\":%d,\"window\":%d,\"rate\":%d", options.pairs, options.window, options.rate);
	printf(",\"delivered_per_s\":%.0f", received / (to.at - from.at));
	printf(",\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f", latency_quantile(.5), latency_quantile(.99),
		latency_quantile(.999));
	printf(",\"srv_cpu_s_per_10k\":%.3f", server_cpu_per_10k(from, to, received));
	printf(",\"srv_cpu_pct\":%.0f,\"gen_cpu_pct\":%.0f", server_cpu_percent(from, to), generator_cpu_percent(from, to));
	printf(",\"rss_mb\":%.1f,\"hwm_mb\":%.1f,\"lost\":%llu", rss, peak, (unsigned long long)lost);
	return 1;
}

const struct workload workload_pairs = {.name = "w1", .run = run, .received = on_received};
