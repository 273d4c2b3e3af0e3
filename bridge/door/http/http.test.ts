/** What the door answers to whom. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { BridgeService, ErrorCode, ErrorDetailSchema } from "@troth/protocol";
import { openCheckpoint } from "@troth/transparency";
import { listShares, startWorld, TOKEN, told } from "../_door.ts";

const ALICE = "+15550100001";
const BOB = "+15550100002";

test("the share log is there for everybody, from any page, and nothing else of the door's files", async () => {
	await using world = await startWorld({ members: [ALICE], witnessed: true });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	await world.tick();
	const checkpoint = await fetch(`${world.door.url}/checkpoint`);
	assert.equal(checkpoint.headers.get("access-control-allow-origin"), "*");
	assert.equal(openCheckpoint(await checkpoint.text(), world.trust).size, 16);
	const entries = await fetch(`${world.door.url}/tile/entries/000.p/16`);
	assert.equal(entries.headers.get("access-control-allow-origin"), "*");
	assert.match(entries.headers.get("cache-control") ?? "", /immutable/);
	assert.equal((await entries.arrayBuffer()).byteLength, 16 * (2 + 97));
	for (const path of [
		"/tile/0/000.p/17",
		"/tile/0/000",
		"/tile/../signed",
		"/tile/%2e%2e/%2e%2e/door.sqlite",
		"/signed",
		"/door.key",
		"/door.sqlite",
		"/",
	]) {
		const response = await fetch(world.door.url + path);
		assert.equal(response.status, 404, path);
	}
});

test("health is told while the store answers", async () => {
	await using world = await startWorld();
	assert.deepEqual(await (await fetch(`${world.door.url}/healthz`)).json(), { status: "ok" });
});

test("only who has the token is told of anybody's shares; everybody else gets 401 before the body is read", async () => {
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	await world.tick();
	for (const token of ["", "wrong", `${TOKEN}s`, TOKEN.slice(1)]) {
		await assert.rejects(listShares(world.door.url, token, alice, 0), (error: unknown) => {
			assert.ok(error instanceof ConnectError && error.code === Code.Unauthenticated);
			assert.equal(error.findDetails(ErrorDetailSchema)[0]?.code, ErrorCode.UNAUTHENTICATED);
			return true;
		});
	}
	const path = `${world.door.url}/troth.v1.BridgeService/ListAccountShares`;
	const bare = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
	assert.equal(bare.status, 401);
	assert.deepEqual(told(await world.sharesOf(alice)), ["1 ANSWERED KEPT"]);
});

test("an id that is none is MALFORMED, and a stranger has no shares", async () => {
	await using world = await startWorld();
	const bob = await world.records.register(BOB);
	assert.deepEqual(await world.sharesOf(bob), []);
	const transport = createConnectTransport({
		baseUrl: world.door.url,
		httpVersion: "1.1",
		interceptors: [
			(next) => (request) => {
				request.header.set("authorization", `Bearer ${TOKEN}`);
				return next(request);
			},
		],
	});
	const asking = createClient(BridgeService, transport).listAccountShares({ accountId: new Uint8Array(15) });
	await assert.rejects(asking, (error: unknown) => {
		assert.ok(error instanceof ConnectError);
		return error.findDetails(ErrorDetailSchema)[0]?.code === ErrorCode.MALFORMED;
	});
});

test("a long list comes in pages, dense and in order", async () => {
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	const again = { account_id: alice.account, kind: "share", purpose: "relevant_ads", recipient: "family" } as const;
	await world.records.db
		.insertInto("share_outbox")
		.values(Array.from({ length: 103 }, () => ({ ...again, generation: 1, created_at_ms: world.clock.now() })))
		.execute();
	await world.tick();
	const first = await world.sharesOf(alice);
	const second = await world.sharesOf(alice, first.at(-1)?.n ?? 0);
	const numbers = [...first, ...second].map(({ n }) => n);
	assert.equal(first.length, 100);
	assert.deepEqual(
		numbers,
		Array.from({ length: 104 }, (_, at) => at + 1),
	);
});
