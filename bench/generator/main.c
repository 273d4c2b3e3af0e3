/* Runs one workload against one server and prints one line of JSON. */
#include "options.h"
#include "workload.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

const struct workload *workload;

static const struct workload *find_workload(const char *name) {
	const struct workload *all[] = {
		&workload_pairs, &workload_prepare, &workload_store, &workload_drain, &workload_idle, &workload_group,
	};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (strcmp(all[i]->name, name) == 0) return all[i];
	}
	return NULL;
}

int main(int count, char **arguments) {
	signal(SIGPIPE, SIG_IGN);
	int wrong = read_options(count, arguments);
	if (wrong) return wrong;
	workload = find_workload(options.work);
	if (!workload) {
		fprintf(stderr, "unknown workload %s\n", options.work);
		return 2;
	}
	if (options.body > BODY_MAX) {
		fprintf(stderr, "--body may be at most %d\n", BODY_MAX);
		return 2;
	}
	printf("{\"driver\":\"%s\",\"work\":\"%s\"", protocol->name, workload->name);
	int measured = workload->run();
	printf(",\"failed\":%d,\"why\":\"%s\",\"errors\":%d,\"err\":\"%s\",\"ok\":%d}\n", counters.failed,
		counters.failure, counters.errors, counters.errors ? "see stderr" : "", measured);
	if (counters.errors) fprintf(stderr, "first error: %s\n", counters.first_error);
	fflush(stdout);
	return measured ? 0 : 1;
}
