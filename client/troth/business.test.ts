/** A person's control over businesses from the command line: what is allowed, stopped, blocked, and why. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { AccountId } from "@troth/protocol";
import { startWorld } from "../stories/_people.ts";
import { troth } from "./_troth.ts";

const SHOP = "+15550107101";
const ALICE = "+15550107102";

test("alice finds the shop, allows it one purpose, takes it back, blocks it, and is told why", async () => {
	const profiles = await mkdtemp(join(tmpdir(), "troth-business-"));
	await using world = await startWorld({ operatorToken: "operator" });
	const shop = await world.person("Shop", { phone: SHOP });
	const approved = await fetch(`${world.url}/operator/businesses`, {
		method: "POST",
		headers: { authorization: "Bearer operator", "content-type": "application/json" },
		body: JSON.stringify({ phone: SHOP, name: "Corner Shop" }),
	});
	assert.equal(approved.status, 201);
	const of = ["--profile", join(profiles, "alice"), "--json"];
	try {
		const asked = await troth(["register", "--server", world.url, "--phone", ALICE, "--name", "alice", ...of]);
		assert.equal(asked.error?.code, "CODE_NEEDED");
		const args = ["--server", world.url, "--phone", ALICE, "--name", "alice", "--code", world.code(ALICE)];
		const registered = await troth(["register", ...args, "--accept", "1", ...of]);
		assert.equal(registered.code, 0, registered.stderr);
		const alice = registered.lines[0]?.["account"] as AccountId;

		const [listed] = (await troth(["business", "list", ...of])).lines;
		assert.equal(listed?.["name"], "Corner Shop");
		assert.equal(listed?.["account"], shop.account);
		assert.equal(JSON.stringify(listed?.["preferences"]).match(/"permission":"unset"/g)?.length, 4);

		const allowed = await troth(["business", "allow", SHOP, "--purpose", "marketing", ...of]);
		assert.equal(allowed.code, 0, allowed.stderr);
		assert.equal(allowed.lines[0]?.["permission"], "allowed");
		const receipt = await shop.device.consentReceipt(alice, "marketing");
		assert.equal(receipt.consentId, allowed.lines[0]?.["consentId"], "the shop has the same receipt");
		assert.equal((await shop.device.consentReceipt(alice, "utility")).permission, "unset");

		const [why] = (await troth(["business", "why", "Corner Shop", "--purpose", "marketing", ...of])).lines;
		assert.equal(why?.["receipt"], allowed.lines[0]?.["consentId"]);
		assert.equal(why?.["since"], allowed.lines[0]?.["decidedAtMs"]);

		const stopped = await troth(["business", "stop", SHOP, ...of]);
		assert.deepEqual(
			stopped.lines.map(({ purpose, permission }) => `${purpose} ${permission}`),
			["service stopped", "utility stopped", "authentication stopped", "marketing stopped"],
		);
		assert.equal((await troth(["business", "block", SHOP, ...of])).lines[0]?.["blocked"], true);
		assert.equal((await troth(["business", "list", ...of])).lines[0]?.["blocked"], true);

		assert.equal((await troth(["business", "stop", "+15550109999", ...of])).error?.code, "NOT_FOUND");
		assert.equal((await troth(["business", "stop", SHOP, "--purpose", "fun", ...of])).code, 2);
		assert.equal((await troth(["business", "sing", ...of])).code, 2);
	} finally {
		await rm(profiles, { recursive: true });
	}
});
