/** The host hears of objections, and what it does not take of one person keeps nobody else's from it. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { AccountId } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { BesideEvents } from "../events.ts";
import { openBesideRecords } from "../records/open-records.ts";
import { tellObjections } from "./objections.ts";

test("an objection that the host refuses is told again, and keeps no other one from it", async () => {
	const clock = new ManualClock();
	await using records = await openBesideRecords({ kind: "memory" });
	for (const [n, name] of ["alice", "bob", "carla"].entries()) {
		const account_id = `${n}`.repeat(32) as AccountId;
		await records
			.insertInto("person")
			.values({ host_id: name, account_id, consent_root: null, created_at_ms: 1 })
			.execute();
		await records
			.insertInto("objection")
			.values({
				account_id,
				purpose: "security",
				digest: name,
				objected_at_ms: 10 + n,
				heard_at_ms: null,
				kept_at_ms: null,
			})
			.execute();
	}
	const host = { unknown: new Set(["alice"]), silent: false, told: [] as string[] };
	const server = createServer((request, response) => {
		request.setEncoding("utf8");
		request.once("data", (body: string) => {
			const { id } = JSON.parse(body) as { readonly id: string };
			host.told.push(id);
			if (host.silent) return request.socket.destroy();
			response.writeHead(host.unknown.has(id) ? 404 : 204).end();
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const objections = { url: `http://127.0.0.1:${port}/objections`, secret: "between the two" };
	const context = { records, clock, objections, events: new BesideEvents(clock, () => {}) };
	const told = async (account?: AccountId) => {
		host.told = [];
		await tellObjections(context, account);
		return host.told;
	};
	try {
		host.silent = true;
		assert.deepEqual(await told(), ["alice"], "a host that is down is not asked for each");
		host.silent = false;
		assert.deepEqual(await told("2".repeat(32) as AccountId), ["carla"], "somebody who objects waits for no other");
		assert.deepEqual(await told(), ["alice", "bob"]);
		assert.deepEqual(await told(), ["alice"]);
		host.unknown.clear();
		assert.deepEqual(await told(), ["alice"]);
		assert.deepEqual(await told(), []);
	} finally {
		server.close();
	}
});
