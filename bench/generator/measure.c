#include "measure.h"

#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Log-linear histogram: 64 buckets per power of two. */
#define BUCKETS_PER_OCTAVE 64
#define OCTAVES 64
static uint32_t buckets[BUCKETS_PER_OCTAVE * OCTAVES];

double now_seconds(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

uint64_t now_nanoseconds(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

void latency_add(uint64_t nanoseconds) {
	if (nanoseconds < BUCKETS_PER_OCTAVE) {
		buckets[nanoseconds]++;
		return;
	}
	int exponent = 63 - __builtin_clzll(nanoseconds);
	buckets[(exponent - 5) * BUCKETS_PER_OCTAVE + ((nanoseconds >> (exponent - 6)) & 63)]++;
}

static double bucket_milliseconds(int bucket) {
	if (bucket < BUCKETS_PER_OCTAVE) return bucket / 1e6;
	int exponent = bucket / BUCKETS_PER_OCTAVE + 5;
	uint64_t low = (1ull << exponent) + ((uint64_t)(bucket % BUCKETS_PER_OCTAVE) << (exponent - 6));
	return low / 1e6;
}

double latency_quantile(double share) {
	const int count = BUCKETS_PER_OCTAVE * OCTAVES;
	uint64_t total = 0;
	for (int i = 0; i < count; i++) total += buckets[i];
	uint64_t wanted = (uint64_t)(total * share);
	uint64_t below = 0;
	for (int i = 0; i < count; i++) {
		below += buckets[i];
		if (below > wanted) return bucket_milliseconds(i);
	}
	return -1;
}

static double server_cpu_seconds(void) {
	char path[64];
	char text[1024];
	snprintf(path, sizeof path, "/proc/%d/stat", options.pid);
	FILE *file = fopen(path, "r");
	if (!file) return 0;
	size_t length = fread(text, 1, sizeof text - 1, file);
	text[length] = 0;
	fclose(file);
	/* The command name is in parentheses and may contain spaces. */
	const char *rest = strrchr(text, ')');
	if (!rest) return 0;
	unsigned long user = 0;
	unsigned long system = 0;
	sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
	return (user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double own_cpu_seconds(void) {
	struct rusage r;
	getrusage(RUSAGE_SELF, &r);
	return r.ru_utime.tv_sec + r.ru_utime.tv_usec * 1e-6 + r.ru_stime.tv_sec + r.ru_stime.tv_usec * 1e-6;
}

struct usage usage_now(void) {
	return (struct usage){
		.server_cpu = server_cpu_seconds(),
		.generator_cpu = own_cpu_seconds(),
		.at = now_seconds(),
	};
}

double server_cpu_percent(struct usage from, struct usage to) {
	return (to.server_cpu - from.server_cpu) / (to.at - from.at) * 100;
}

double generator_cpu_percent(struct usage from, struct usage to) {
	return (to.generator_cpu - from.generator_cpu) / (to.at - from.at) * 100;
}

double server_cpu_per_10k(struct usage from, struct usage to, uint64_t count) {
	return count ? (to.server_cpu - from.server_cpu) / count * 1e4 : 0;
}

double server_memory_mb(const char *key) {
	char path[64];
	char line[256];
	snprintf(path, sizeof path, "/proc/%d/status", options.pid);
	FILE *file = fopen(path, "r");
	if (!file) return 0;
	long kilobytes = 0;
	size_t key_length = strlen(key);
	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, key, key_length) == 0) kilobytes = atol(line + key_length + 1);
	}
	fclose(file);
	return kilobytes / 1024.0;
}
