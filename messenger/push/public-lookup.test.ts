/** A push service's name may not lead into the operator's own network (requests forged by way of an endpoint). */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { postWakeUp } from "./post.ts";
import { isPublicAddress, type Resolve } from "./public-lookup.ts";
import { PUSH_SERVICES, PushServices } from "./services.ts";

const INSIDE = [
	...["0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1"],
	...["172.31.255.255", "192.0.0.8", "192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"],
	...["::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "fc00::1", "fd12::1", "fe80::1", "ff02::1"],
	...["2001::1", "2001:db8::1", "2002:7f00:1::1", "100::1"],
];
const OUTSIDE = [
	"8.8.8.8",
	"142.250.74.106",
	"172.32.0.1",
	"192.169.0.1",
	"2a00:1450:4001:81b::200a",
	"2606:4700::1111",
];

const address = (text: string) => ({ address: text, family: text.includes(":") ? 6 : 4 });

test("only addresses of the public internet are public", () => {
	for (const text of INSIDE) assert.equal(isPublicAddress(address(text)), false, text);
	for (const text of OUTSIDE) assert.equal(isPublicAddress(address(text)), true, text);
});

test("a listed name that leads inside is not connected to, nor is one of which a single address does", async () => {
	let connections = 0;
	const server = createServer((socket) => {
		connections++;
		socket.destroy();
	}).listen(0, "127.0.0.1");
	await new Promise((resolve) => server.once("listening", resolve));
	try {
		const endpoint = new PushServices(["push.example"]).endpoint("https://push.example/send");
		assert.ok(endpoint !== undefined && !endpoint.named);
		const port = (server.address() as { port: number }).port.toString();
		endpoint.url.port = port;
		for (const answers of [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], []]) {
			const resolve: Resolve = (_name, _options, done) => done(null, answers.map(address));
			assert.deepEqual(await postWakeUp(endpoint, "vapid", resolve), { kind: "unreachable" });
		}
		assert.equal(connections, 0);
		// What keeps them out is the look-up and nothing else: a named origin is connected to.
		const named = new PushServices([`https://127.0.0.1:${port}`]).endpoint(`https://127.0.0.1:${port}/send`);
		assert.ok(named?.named);
		assert.deepEqual(await postWakeUp(named, "vapid"), { kind: "unreachable" });
		assert.equal(connections, 1);
	} finally {
		server.close();
	}
});

test("the browsers' services are taken, and what looks like them is not", () => {
	const services = new PushServices(PUSH_SERVICES);
	for (const good of [
		"https://fcm.googleapis.com/fcm/send/abc:123",
		"https://updates.push.services.mozilla.com/wpush/v2/abc",
		"https://web.push.apple.com/abc",
		"https://wns2-by3p.notify.windows.com/w/?token=abc",
	])
		assert.ok(services.endpoint(good), good);
	for (const bad of [
		"https://push.apple.com.mallory.example/",
		"https://evilpush.apple.com.example/",
		"https://xpush.services.mozilla.com/",
		`https://fcm.googleapis.com/${"a".repeat(2048)}`,
		"https://fcm.googleapis.com/#fragment",
		"ftp://fcm.googleapis.com/",
	])
		assert.equal(services.endpoint(bad), undefined, bad);
});
