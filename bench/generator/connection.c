/* Sockets, buffers and the epoll loop; the lg_* calls of drivers. */
#define _GNU_SOURCE
#include "measure.h"
#include "options.h"
#include "workload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 200000
/* One source address has about 28 000 ports; a new loopback address every 20 000 connections. */
#define CONNECTIONS_PER_ADDRESS 20000
#define FIRST_SOURCE_ADDRESS 0x7f000002
#define READ_BYTES 262144
#define EVENTS 512
#define KEPT_BUFFER_BYTES 65536
#define IDLE_BUFFER_BYTES 4096
#define STAMP_BYTES 33

struct counters counters = {.failure = "", .first_error = ""};
connection **connections;
int connection_count;
int measuring;

static int epoll_fd = -1;
static connection **to_flush;
static int to_flush_count;
static uint8_t read_buffer[1 << 20];

static void set_up(void) {
	if (epoll_fd >= 0) return;
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	epoll_fd = epoll_create1(0);
	connections = calloc(MAX_CONNECTIONS, sizeof *connections);
	to_flush = calloc(2 * MAX_CONNECTIONS, sizeof *to_flush);
}

/* ── Output ───────────────────────────────────────────────────────────────────────────────────────────────────── */

void lg_write(connection *c, const void *bytes, size_t length) {
	if (c->phase == PHASE_CLOSED) return;
	if (c->out_length + length > c->out_capacity) {
		size_t capacity = c->out_capacity ? c->out_capacity : 512;
		while (capacity < c->out_length + length) capacity *= 2;
		c->out = realloc(c->out, capacity);
		c->out_capacity = capacity;
	}
	memcpy(c->out + c->out_length, bytes, length);
	c->out_length += length;
	if (!c->out_queued) {
		c->out_queued = 1;
		to_flush[to_flush_count++] = c;
	}
}

void lg_printf(connection *c, const char *format, ...) {
	char small[4096];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(small, sizeof small, format, arguments);
	va_end(arguments);
	if ((size_t)length < sizeof small) {
		lg_write(c, small, length);
		return;
	}
	char *large = malloc(length + 1);
	va_start(arguments, format);
	vsnprintf(large, length + 1, format, arguments);
	va_end(arguments);
	lg_write(c, large, length);
	free(large);
}

static void want_output(connection *c, int wanted) {
	if (c->wants_output == wanted) return;
	c->wants_output = wanted;
	struct epoll_event event = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0), .data.ptr = c};
	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static void release_output(connection *c) {
	free(c->out);
	c->out = NULL;
	c->out_length = c->out_offset = c->out_capacity = 0;
}

static void flush_connection(connection *c) {
	c->out_queued = 0;
	if (c->phase == PHASE_CLOSED || c->phase == PHASE_CONNECTING) return;
	while (c->out_offset < c->out_length) {
		ssize_t written = send(c->fd, c->out + c->out_offset, c->out_length - c->out_offset, MSG_NOSIGNAL);
		if (written < 0) {
			if (errno == EAGAIN) want_output(c, 1);
			else lg_fail(c, strerror(errno));
			return;
		}
		c->out_offset += written;
	}
	c->out_length = c->out_offset = 0;
	if (c->out_capacity > KEPT_BUFFER_BYTES) release_output(c);
	want_output(c, 0);
}

static void flush_all(void) {
	int count = to_flush_count;
	for (int i = 0; i < count; i++) flush_connection(to_flush[i]);
	memmove(to_flush, to_flush + count, (to_flush_count - count) * sizeof *to_flush);
	to_flush_count -= count;
}

/* ── What drivers report ──────────────────────────────────────────────────────────────────────────────────────── */

static void close_connection(connection *c) {
	c->phase = PHASE_CLOSED;
	close(c->fd);
	free(c->unparsed);
	c->unparsed = NULL;
	c->unparsed_length = 0;
	release_output(c);
}

void lg_fail(connection *c, const char *why) {
	if (c->phase == PHASE_CLOSED) return;
	counters.failed++;
	if (c->phase == PHASE_ONLINE) counters.online--;
	counters.failure = strdup(why);
	close_connection(c);
}

void lg_finish(connection *c) {
	flush_connection(c);
	if (c->phase != PHASE_CLOSED) close_connection(c);
}

void lg_error(connection *c, const char *why) {
	(void)c;
	if (counters.errors++ == 0) counters.first_error = strndup(why, 200);
}

void lg_online(connection *c) {
	if (c->phase != PHASE_HANDSHAKE) return;
	c->phase = PHASE_ONLINE;
	counters.online++;
	if (c->out_capacity > IDLE_BUFFER_BYTES && !c->out_length) release_output(c);
}

void lg_joined(connection *c) {
	(void)c;
	counters.joined++;
}

static uint64_t read_hex(const char *digits, int count) {
	uint64_t value = 0;
	for (int i = 0; i < count; i++) {
		char digit = digits[i];
		value = value * 16 + (digit <= '9' ? digit - '0' : digit - 'a' + 10);
	}
	return value;
}

void lg_received(connection *c, const char *body, size_t length) {
	if (length < STAMP_BYTES || body[0] != '@') return;
	struct stamp stamp = {
		.sent_at = read_hex(body + 1, 16),
		.id = (uint32_t)read_hex(body + 17, 8),
		.sender = (uint32_t)read_hex(body + 25, 8),
	};
	if (measuring) latency_add(now_nanoseconds() - stamp.sent_at);
	counters.received++;
	if (workload->received) workload->received(c, stamp);
}

void lg_acked(connection *c, uint32_t id) {
	counters.acked++;
	if (workload->acked) workload->acked(c, id);
}

size_t make_body(char *body, uint32_t id, uint32_t sender) {
	char stamp[STAMP_BYTES + 1];
	memset(body, 'x', options.body);
	snprintf(stamp, sizeof stamp, "@%016llx%08x%08x", (unsigned long long)now_nanoseconds(), id, sender);
	memcpy(body, stamp, STAMP_BYTES);
	return options.body;
}

/* ── Input ────────────────────────────────────────────────────────────────────────────────────────────────────── */

static void read_connection(connection *c) {
	size_t kept = c->unparsed_length;
	if (kept > sizeof read_buffer / 2) {
		lg_fail(c, "frame too large");
		return;
	}
	if (kept) memcpy(read_buffer, c->unparsed, kept);
	ssize_t received = recv(c->fd, read_buffer + kept, READ_BYTES, 0);
	if (received <= 0) {
		if (received < 0 && errno == EAGAIN) return;
		lg_fail(c, received ? strerror(errno) : "closed by server");
		return;
	}
	size_t total = kept + received;
	size_t used = protocol->input(c, read_buffer, total);
	if (c->phase == PHASE_CLOSED) return;
	free(c->unparsed);
	c->unparsed = NULL;
	c->unparsed_length = total - used;
	if (c->unparsed_length) {
		c->unparsed = malloc(c->unparsed_length);
		memcpy(c->unparsed, read_buffer + used, c->unparsed_length);
	}
}

static void finish_connecting(connection *c, uint32_t events) {
	if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) return;
	int error = 0;
	socklen_t length = sizeof error;
	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	c->phase = PHASE_HANDSHAKE;
	if (error) {
		lg_fail(c, strerror(error));
		return;
	}
	want_output(c, 0);
	protocol->open(c);
}

void pump(int milliseconds) {
	static struct epoll_event events[EVENTS];
	flush_all();
	int count = epoll_wait(epoll_fd, events, EVENTS, milliseconds);
	for (int i = 0; i < count; i++) {
		connection *c = events[i].data.ptr;
		if (c->phase == PHASE_CONNECTING) {
			finish_connecting(c, events[i].events);
			continue;
		}
		if (c->phase != PHASE_CLOSED && (events[i].events & EPOLLOUT)) flush_connection(c);
		if (c->phase != PHASE_CLOSED && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) read_connection(c);
	}
	flush_all();
}

void pump_for(double seconds) {
	double end = now_seconds() + seconds;
	while (now_seconds() < end) pump(50);
}

/* ── Connecting ───────────────────────────────────────────────────────────────────────────────────────────────── */

static void start_connection(int index, int user) {
	connection *c = calloc(1, sizeof *c);
	c->index = index;
	snprintf(c->user, sizeof c->user, "u%d", user);
	connections[index] = c;
	if (index >= connection_count) connection_count = index + 1;

	int on = 1;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	struct sockaddr_in source = {.sin_family = AF_INET};
	source.sin_addr.s_addr = htonl(FIRST_SOURCE_ADDRESS + index / CONNECTIONS_PER_ADDRESS);
	bind(c->fd, (struct sockaddr *)&source, sizeof source);

	struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(options.port)};
	inet_pton(AF_INET, options.host, &server.sin_addr);
	int result = connect(c->fd, (struct sockaddr *)&server, sizeof server);
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
	c->wants_output = 1;
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
	if (result < 0 && errno != EINPROGRESS) {
		c->phase = PHASE_HANDSHAKE;
		lg_fail(c, strerror(errno));
	}
}

double connect_users(int base, int count, double limit_seconds) {
	set_up();
	double start = now_seconds();
	int started = 0;
	int failed_before = counters.failed;
	for (;;) {
		int done = counters.online + counters.failed - failed_before;
		if (done >= count || now_seconds() - start > limit_seconds) break;
		while (started < count && started - counters.online - (counters.failed - failed_before) < options.inflight) {
			start_connection(started, base + started);
			started++;
		}
		pump(100);
	}
	return now_seconds() - start;
}

void goodbye_all(void) {
	for (int i = 0; i < connection_count; i++) {
		connection *c = connections[i];
		if (c->phase == PHASE_ONLINE && protocol->goodbye) protocol->goodbye(c);
	}
	pump_for(0.5);
}
