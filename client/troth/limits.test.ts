/** `troth limits` and `troth report`, as a person and as other people's programs rely on them. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startWorld } from "../stories/_people.ts";
import { troth } from "./_troth.ts";

const MALLORY = "+15550107401";
const OPERATOR = "operator";

test("a person reads the limit that is on them, objects, and reports another", async () => {
	const profile = await mkdtemp(join(tmpdir(), "troth-limits-"));
	await using undo = new AsyncDisposableStack();
	undo.defer(() => rm(profile, { recursive: true }));
	const world = undo.use(await startWorld({ operatorToken: OPERATOR }));
	const operate = async (path: string, body?: object) => {
		const response = await fetch(new URL(`/operator/${path}`, world.url), {
			method: body === undefined ? "GET" : "POST",
			headers: { authorization: `Bearer ${OPERATOR}`, ...(body && { "content-type": "application/json" }) },
			...(body && { body: JSON.stringify(body) }),
		});
		return (await response.json()) as Record<string, unknown>;
	};
	const bob = await world.person("Bob");
	const of = ["--profile", profile, "--json"];
	const args = ["register", "--server", world.url, "--phone", MALLORY, "--name", "Mallory", ...of];
	await troth(args);
	const registered = await troth([...args, "--code", world.code(MALLORY), "--accept", "1"]);
	assert.equal(registered.code, 0, registered.stderr);

	assert.deepEqual((await troth(["limits", ...of])).lines, [{ limits: [] }]);
	await operate("actions", { phone: MALLORY, purpose: "security", label: "phishing", caseId: "CASE-7", days: 2 });
	const [limit] = (await troth(["limits", ...of])).lines;
	const { since, until, ...rest } = limit as { since: number; until: number };
	assert.equal(until - since, 2 * 24 * 3600 * 1000);
	assert.deepEqual(rest, {
		...{ purpose: "security", label: "phishing", caseId: "CASE-7", canObject: true },
		restrictions: ["new-conversations", "new-devices"],
	});
	const told = await troth(["limits", "--profile", profile]);
	for (const words of [
		"phishing (security, CASE-7), told by the operator of this server",
		"troth limits object security",
	])
		assert.ok(told.stdout.includes(words), told.stdout);
	const [objected] = (await troth(["limits", "object", "security", ...of])).lines;
	assert.equal(objected?.["canObject"], false);
	assert.ok(typeof objected?.["objectedAt"] === "number");
	assert.equal((await troth(["limits", "object", "infringement", ...of])).error?.code, "NOT_FOUND");
	assert.equal((await troth(["limits", "object", "relevant_ads", ...of])).code, 2);

	assert.equal((await troth(["report", bob.phone, "because", ...of])).code, 2);
	const reported = await troth(["report", bob.phone, "harassment", ...of]);
	assert.deepEqual(reported.lines, [{ account: bob.account, reason: "harassment", reported: true, revealed: 0 }]);
	const { reports } = (await operate("reports")) as { reports: readonly { account: string; reason: string }[] };
	assert.deepEqual(
		reports.map(({ account, reason }) => [account, reason]),
		[[bob.account, "harassment"]],
	);
});
