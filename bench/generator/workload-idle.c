/* w3: connections that are logged in and then say nothing: logins per second and the server's memory for each. */
#include "measure.h"
#include "options.h"
#include "workload.h"

#include <stdio.h>

#define IDLE_SECONDS 2

static int run(void) {
	double rss_before = server_memory_mb("VmRSS");
	struct usage from = usage_now();
	double seconds = connect_users(options.base, options.conns, options.seconds);
	struct usage to = usage_now();
	int online = counters.online;
	double rss_connected = server_memory_mb("VmRSS");
	pump_for(options.settle);
	double rss_settled = server_memory_mb("VmRSS");
	double peak = server_memory_mb("VmHWM");
	struct usage idle_from = usage_now();
	pump_for(IDLE_SECONDS);
	struct usage idle_to = usage_now();

	printf(",\"conns\":%d,\"online\":%d,\"logins_per_s\":%.0f", options.conns, counters.online, online / seconds);
	printf(",\"rss0_mb\":%.1f,\"rss_mb\":%.1f,\"rss_settled_mb\":%.1f,\"hwm_mb\":%.1f", rss_before, rss_connected,
		rss_settled, peak);
	printf(",\"kb_per_conn\":%.2f", online ? (rss_settled - rss_before) * 1024 / online : 0);
	printf(",\"srv_cpu_ms_per_login\":%.3f", online ? (to.server_cpu - from.server_cpu) / online * 1e3 : 0);
	printf(",\"idle_cpu_pct\":%.1f,\"gen_cpu_pct\":%.0f", server_cpu_percent(idle_from, idle_to),
		generator_cpu_percent(from, to));
	return 1;
}

const struct workload workload_idle = {.name = "idle", .run = run};
