/* Clock, latency histogram, and what /proc tells about the server. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdint.h>

double now_seconds(void);
uint64_t now_nanoseconds(void);

void latency_add(uint64_t nanoseconds);
/* Milliseconds below which this share of the latencies lies (buckets of 1/64), or -1 without any. */
double latency_quantile(double share);

/* CPU time of the server (--pid) and of the generator at one moment. */
struct usage {
	double at;
	double server_cpu;
	double generator_cpu;
};
struct usage usage_now(void);
/* Percent of one core between two moments. */
double server_cpu_percent(struct usage from, struct usage to);
double generator_cpu_percent(struct usage from, struct usage to);
/* Server CPU seconds for 10 000 of `count`; 0 without any. */
double server_cpu_per_10k(struct usage from, struct usage to, uint64_t count);

/* Megabytes of the server: "VmRSS" or "VmHWM". */
double server_memory_mb(const char *key);

#endif
