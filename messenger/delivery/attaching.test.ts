import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { CLOSE, ErrorCode, LIMITS, SUBPROTOCOL, SystemClock, toHex } from "@troth/protocol";
import { WebSocket } from "ws";
import { TestClient } from "./_client.ts";
import { TestWorld } from "./_world.ts";

test("alice's phone logs in with its signature, and again with the token it got", async () => {
	await using world = await TestWorld.open();
	const alice = await world.person("alice");
	const first = await TestClient.hello(world.url, alice.phone);
	const attached = await first.next("attached");
	assert.equal(toHex(attached.accountId), alice.account);
	assert.equal(attached.generation, 1);
	assert.equal(attached.queued, false);
	await first.next("queueEmpty");
	assert.ok(world.delivery.attached(alice.phone.device));
	await first.end();
	assert.ok(!world.delivery.attached(alice.phone.device));
	await world.attach(alice, { token: attached.token });
});

test("a wrong signature, a wrong token, another device's name or a stranger is refused with 4401", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const impostor = { device: alice.phone.device, signer: bob.phone.signer };
	const stranger = { device: "ab".repeat(16) as typeof alice.phone.device, signer: alice.phone.signer };
	const { token } = world.dependencies.sessions.issueToken({ account: bob.account, device: bob.phone.device });
	const attempts = [
		TestClient.hello(world.url, impostor),
		TestClient.hello(world.url, stranger),
		TestClient.hello(world.url, alice.phone, { token: "nonsense" }),
		TestClient.hello(world.url, alice.phone, { token }),
	];
	for (const attempt of attempts) {
		const client = await attempt;
		assert.equal((await client.next("error")).code, ErrorCode.UNAUTHENTICATED);
		assert.equal(await client.closed, CLOSE.unauthenticated);
	}
	assert.equal(world.delivery.streams, 0);
});

test("a removed device is told so with 4410", async () => {
	await using world = await TestWorld.open();
	const alice = await world.person("alice");
	const attached = await world.attach(alice);
	world.directory.removed.add(alice.phone.device);
	await world.delivery.dropDevices(alice.account, [alice.phone.device]);
	assert.equal(await attached.closed, CLOSE.removed);
	const again = await TestClient.hello(world.url, alice.phone);
	assert.equal((await again.next("error")).code, ErrorCode.DEVICE_REMOVED);
	assert.equal(await again.closed, CLOSE.removed);
});

test("a client of another version is told which one is spoken here", async () => {
	await using world = await TestWorld.open();
	const alice = await world.person("alice");
	const client = await TestClient.hello(world.url, alice.phone, { version: 2 });
	const { code, message } = await client.next("error");
	assert.equal(code, ErrorCode.VERSION_UNSUPPORTED);
	assert.match(message, /version 1/);
	await client.closed;
});

test("the newer stream of a device takes over", async () => {
	await using world = await TestWorld.open();
	const alice = await world.person("alice");
	const first = await world.attach(alice);
	const second = await world.attach(alice);
	assert.equal(await first.closed, CLOSE.replaced);
	await second.flush();
	assert.equal(world.delivery.streams, 1);
});

test("who says nothing is closed with 4408, who is no longer there is cut off", async () => {
	const clock = new SystemClock();
	await using world = await TestWorld.open({ clock });
	const alice = await world.person("alice");
	const silent = new TestClient(world.url, false);
	await silent.next("challenge");
	clock.advance(LIMITS.helloMs);
	assert.equal(await silent.closed, CLOSE.helloTimeout);

	const attached = await world.attach(alice);
	clock.advance(46_000);
	await once(attached.socket, "ping");
	// `ws` has answered by itself: the device counts as heard.
	await attached.flush();
	clock.advance(74_000);
	await attached.flush();
	attached.socket.pause();
	clock.advance(76_000);
	attached.socket.resume();
	assert.equal(await attached.closed, 1006);
});

test("upgrades to another path or without the subprotocol are refused", async () => {
	await using world = await TestWorld.open();
	const url = world.url.replace("http", "ws");
	for (const [path, protocol, status] of [
		["/other", SUBPROTOCOL, 404],
		["/stream", "troth.v0", 400],
		["/stream", undefined, 400],
	] as const) {
		const socket = new WebSocket(url + path, protocol);
		socket.on("error", () => {});
		const [, response] = await once(socket, "unexpected-response");
		assert.equal(response.statusCode, status);
		socket.terminate();
	}
});

test("a server that ends sends its devices away, with the time to come back", async () => {
	const world = await TestWorld.open();
	const client = await world.attach(await world.person("alice"));
	await world[Symbol.asyncDispose]();
	await client.next("goAway");
	assert.equal(await client.closed, CLOSE.restart);
});
