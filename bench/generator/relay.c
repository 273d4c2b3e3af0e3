/*
 * sinkd PORT raw|xmpp|mqtt: a trivial relay that speaks just enough of a protocol for the generator to log in, and
 * then moves bytes. No storage, no parsing beyond the frame. It shows what the generator itself can drive.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_USERS 1000000
#define MAX_CLIENTS 200000
#define MAX_MEMBERS 100000
#define READ_BYTES 262144
#define EVENTS 512

typedef struct client {
	int fd;
	int dead;
	int out_queued;
	int streams; /* XMPP stream headers seen */
	unsigned user;
	uint8_t *unparsed;
	size_t unparsed_length;
	char *out;
	size_t out_length;
	size_t out_offset;
	size_t out_capacity;
} client;

static int epoll_fd;
static client **users;
static client *to_flush[MAX_CLIENTS];
static int to_flush_count;
static client *members[MAX_MEMBERS];
static int member_count;
static uint8_t read_buffer[1 << 20];

/* ── Output ───────────────────────────────────────────────────────────────────────────────────────────────────── */

static void write_bytes(client *c, const void *bytes, size_t length) {
	if (!c || c->dead) return;
	if (c->out_length + length > c->out_capacity) {
		c->out_capacity = c->out_capacity ? c->out_capacity * 2 : 512;
		while (c->out_capacity < c->out_length + length) c->out_capacity *= 2;
		c->out = realloc(c->out, c->out_capacity);
	}
	memcpy(c->out + c->out_length, bytes, length);
	c->out_length += length;
	if (!c->out_queued) {
		c->out_queued = 1;
		to_flush[to_flush_count++] = c;
	}
}

static void write_text(client *c, const char *text) {
	write_bytes(c, text, strlen(text));
}

static void write_to_members(const void *bytes, size_t length) {
	for (int i = 0; i < member_count; i++) write_bytes(members[i], bytes, length);
}

static void watch(client *c, uint32_t events) {
	struct epoll_event event = {.events = events, .data.ptr = c};
	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static void flush_client(client *c) {
	c->out_queued = 0;
	if (c->dead) return;
	while (c->out_offset < c->out_length) {
		ssize_t written = send(c->fd, c->out + c->out_offset, c->out_length - c->out_offset, MSG_NOSIGNAL);
		if (written < 0) {
			if (errno == EAGAIN) watch(c, EPOLLIN | EPOLLOUT);
			return;
		}
		c->out_offset += written;
	}
	c->out_offset = c->out_length = 0;
}

static unsigned user_number(const char *digits) {
	return strtoul(digits, NULL, 10) % MAX_USERS;
}

static void log_in(client *c, unsigned user) {
	c->user = user;
	users[user] = c;
}

/* ── raw (see driver-raw.c) ───────────────────────────────────────────────────────────────────────────────────── */

static void raw_frame(client *c, char kind, const void *body, uint32_t body_length) {
	uint32_t length = 1 + body_length;
	write_bytes(c, &length, sizeof length);
	write_bytes(c, &kind, 1);
	write_bytes(c, body, body_length);
}

static void handle_raw_message(client *c, const uint8_t *frame, uint32_t length) {
	const uint32_t name_bytes = 16;
	const uint32_t id_bytes = 4;
	int to_group = frame[0] == 'G';
	uint32_t head = 1 + (to_group ? 0 : name_bytes) + id_bytes;
	raw_frame(c, 'A', frame + head - id_bytes, id_bytes);
	if (to_group) {
		for (int i = 0; i < member_count; i++) raw_frame(members[i], 'M', frame + head, length - head);
	} else {
		client *to = users[user_number((const char *)frame + 2)];
		if (to) raw_frame(to, 'M', frame + head, length - head);
	}
}

static size_t relay_raw(client *c, uint8_t *bytes, size_t length) {
	size_t offset = 0;
	while (length - offset >= 4) {
		uint32_t frame_length;
		memcpy(&frame_length, bytes + offset, sizeof frame_length);
		if (length - offset < 4 + frame_length) break;
		const uint8_t *frame = bytes + offset + 4;
		if (frame[0] == 'L') {
			log_in(c, user_number((const char *)frame + 2));
			raw_frame(c, 'O', "", 0);
		} else if (frame[0] == 'J') {
			members[member_count++] = c;
			raw_frame(c, 'J', "", 0);
		} else {
			handle_raw_message(c, frame, frame_length);
		}
		offset += 4 + frame_length;
	}
	return offset;
}

/* ── MQTT ─────────────────────────────────────────────────────────────────────────────────────────────────────── */

static void handle_mqtt_publish(client *c, const uint8_t *packet, const uint8_t *body, size_t packet_length) {
	size_t topic_length = body[0] << 8 | body[1];
	const char *topic = (const char *)body + 2;
	int acknowledged = packet[0] & 6;
	if (acknowledged) {
		char puback[4] = {0x40, 2, body[2 + topic_length], body[3 + topic_length]};
		write_bytes(c, puback, sizeof puback);
	}
	if (topic[0] == 'u') {
		char name[16] = {0};
		size_t name_length = topic_length - 3;
		memcpy(name, topic + 3, name_length < 15 ? name_length : 15);
		write_bytes(users[user_number(name)], packet, packet_length);
	} else {
		write_to_members(packet, packet_length);
	}
}

static void handle_mqtt_packet(client *c, const uint8_t *packet, const uint8_t *body, size_t packet_length) {
	switch (packet[0] >> 4) {
	case 1: /* CONNECT: the client id follows 12 bytes of header, its first letter is 'u' */
		log_in(c, user_number((const char *)body + 13));
		write_bytes(c, "\x20\x02\0\0", 4);
		break;
	case 8: { /* SUBSCRIBE */
		char suback[5] = {(char)0x90, 3, body[0], body[1], 1};
		if (body[4] == 'g') members[member_count++] = c;
		write_bytes(c, suback, sizeof suback);
		break;
	}
	case 3:
		handle_mqtt_publish(c, packet, body, packet_length);
		break;
	}
}

static size_t relay_mqtt(client *c, uint8_t *bytes, size_t length) {
	size_t offset = 0;
	while (length - offset >= 2) {
		size_t body_length = 0;
		size_t header = 1;
		int shift = 0;
		uint8_t digit;
		do {
			if (offset + header >= length) return offset;
			digit = bytes[offset + header++];
			body_length |= (size_t)(digit & 127) << shift;
			shift += 7;
		} while (digit & 128);
		if (length - offset < header + body_length) break;
		const uint8_t *packet = bytes + offset;
		handle_mqtt_packet(c, packet, packet + header, header + body_length);
		offset += header + body_length;
	}
	return offset;
}

/* ── XMPP ─────────────────────────────────────────────────────────────────────────────────────────────────────── */

static char *find(char *text, const char *end, const char *needle) {
	return memmem(text, end - text, needle, strlen(needle));
}

/* The place after `needle`, or NULL. */
static char *after(char *text, const char *end, const char *needle) {
	char *found = find(text, end, needle);
	return found ? found + strlen(needle) : NULL;
}

static int is_tag(const char *text, const char *end, const char *tag) {
	size_t length = strlen(tag);
	return (size_t)(end - text) >= length && memcmp(text, tag, length) == 0;
}

static void answer_stream(client *c) {
	write_text(c, "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
				  "xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0'><stream:features>");
	write_text(c, c->streams++ ? "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
							   : "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
								 "<mechanism>PLAIN</mechanism></mechanisms>");
	write_text(c, "</stream:features>");
}

static int base64_digit(char c) {
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = strchr(digits, c);
	return found && c ? (int)(found - digits) : 0;
}

/* The user name of a SASL PLAIN message: NUL "u<N>" NUL password. */
static void handle_auth(client *c, const char *from, const char *end) {
	char message[64] = {0};
	int length = 0;
	for (const char *at = from; at + 3 < end && length < 40; at += 4) {
		uint32_t value = (uint32_t)base64_digit(at[0]) << 18 | base64_digit(at[1]) << 12 | base64_digit(at[2]) << 6 |
			base64_digit(at[3]);
		message[length++] = value >> 16;
		message[length++] = value >> 8;
		message[length++] = value;
	}
	log_in(c, user_number(message + 2));
	write_text(c, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
}

static void relay_message(char *text, const char *end) {
	char *to = after(text, end, "to='");
	if (!to) return;
	if (*to == 'u') write_bytes(users[user_number(to + 1)], text, end - text);
	else write_to_members(text, end - text);
}

/* Handles one element; returns the place after it, or NULL if it is not complete. */
static char *handle_element(client *c, char *text, char *end) {
	char *close = memchr(text, '>', end - text);
	char *next;
	if (!close) return NULL;
	if (is_tag(text, end, "<stream:")) {
		answer_stream(c);
		return close + 1;
	}
	if (is_tag(text, end, "<auth")) {
		next = after(text, end, "</auth>");
		if (next) handle_auth(c, close + 1, next - strlen("</auth>"));
		return next;
	}
	if (is_tag(text, end, "<iq")) {
		next = after(text, end, "</iq>");
		if (next) write_text(c, "<iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
								"<jid>a@b/r</jid></bind></iq>");
		return next;
	}
	if (is_tag(text, end, "<presence") && close[-1] == '/') {
		write_text(c, "<presence from='a@b/r'/>");
		return close + 1;
	}
	if (is_tag(text, end, "<presence")) {
		next = after(text, end, "</presence>");
		if (!next) return NULL;
		members[member_count++] = c;
		write_text(c, "<presence from='g'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x>"
					  "</presence>");
		return next;
	}
	if (is_tag(text, end, "<message")) {
		next = after(text, end, "</message>");
		if (next) relay_message(text, next);
		return next;
	}
	return close + 1;
}

static size_t relay_xmpp(client *c, uint8_t *bytes, size_t length) {
	char *text = (char *)bytes;
	char *end = text + length;
	char *at = text;
	while (at < end) {
		if (*at != '<') {
			at++;
			continue;
		}
		char *next = handle_element(c, at, end);
		if (!next) break;
		at = next;
	}
	return at - text;
}

/* ── The loop ─────────────────────────────────────────────────────────────────────────────────────────────────── */

static int listen_on(int port) {
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 4096)) {
		perror("bind");
		exit(1);
	}
	return fd;
}

static void accept_all(int listener) {
	int on = 1;
	int fd;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		client *c = calloc(1, sizeof *c);
		c->fd = fd;
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
		epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
	}
}

static void drop(client *c) {
	c->dead = 1;
	if (users[c->user] == c) users[c->user] = NULL;
	close(c->fd);
	for (int i = 0; i < member_count; i++) {
		if (members[i] == c) members[i--] = members[--member_count];
	}
}

static void read_client(client *c, size_t (*relay)(client *, uint8_t *, size_t)) {
	size_t kept = c->unparsed_length;
	if (kept) memcpy(read_buffer, c->unparsed, kept);
	ssize_t received = recv(c->fd, read_buffer + kept, READ_BYTES, 0);
	if (received <= 0) {
		if (received == 0 || errno != EAGAIN) drop(c);
		return;
	}
	size_t total = kept + received;
	size_t used = relay(c, read_buffer, total);
	free(c->unparsed);
	c->unparsed = NULL;
	c->unparsed_length = total - used;
	if (c->unparsed_length) {
		c->unparsed = malloc(c->unparsed_length);
		memcpy(c->unparsed, read_buffer + used, c->unparsed_length);
	}
}

int main(int count, char **arguments) {
	if (count < 3) {
		fprintf(stderr, "usage: sinkd PORT raw|xmpp|mqtt\n");
		return 2;
	}
	char kind = arguments[2][0];
	size_t (*relay)(client *, uint8_t *, size_t) = kind == 'r' ? relay_raw : kind == 'x' ? relay_xmpp : relay_mqtt;
	users = calloc(MAX_USERS, sizeof *users);
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);

	int listener = listen_on(atoi(arguments[1]));
	epoll_fd = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
	static struct epoll_event events[EVENTS];
	for (;;) {
		int ready = epoll_wait(epoll_fd, events, EVENTS, 1000);
		for (int i = 0; i < ready; i++) {
			client *c = events[i].data.ptr;
			if (!c) {
				accept_all(listener);
				continue;
			}
			if (c->dead) continue;
			if (events[i].events & EPOLLOUT) {
				watch(c, EPOLLIN);
				flush_client(c);
			}
			if (events[i].events & ~EPOLLOUT) read_client(c, relay);
		}
		for (int i = 0; i < to_flush_count; i++) flush_client(to_flush[i]);
		to_flush_count = 0;
	}
}
