/** `troth audit`: an outsider, who has no account and no profile, checks a log. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openLog, SHARE_LOG, serveLog, temporaryDirectory, witnessOf } from "@troth/transparency/_logs.ts";
import { troth } from "../_troth.ts";

test("a log that holds is said to hold, and one that was tampered with ends with 1 and a code", async () => {
	await using directory = await temporaryDirectory();
	await using memory = await temporaryDirectory();
	await using witness = await witnessOf(memory.path, "witness.example");
	{
		await using log = await openLog(directory.path, { witnesses: [witness], quorum: 1 });
		log.integrate(0, [Buffer.from("one"), Buffer.from("two")]);
		await log.publish();
	}
	await using served = await serveLog(directory.path);
	const args = ["audit", served.url, "--vkey", SHARE_LOG.vkey, "--json"];
	const good = await troth([...args, "--witness", witness.vkey, "--since", "1"]);
	assert.equal(good.code, 0, good.stderr);
	const [audit] = good.lines as [{ size: number; whole: boolean; since: { size: number; root: string } }];
	assert.deepEqual([audit.size, audit.whole, audit.since.size], [2, true, 1]);
	assert.match(JSON.stringify(audit), /"witnesses":\[\{"name":"witness.example","at":1800000000000\}\]/);

	const other = `${"A".repeat(43)}=`;
	const rewritten = await troth([...args, "--since", `1:${other}`]);
	assert.deepEqual([rewritten.code, rewritten.error?.code], [1, "INCONSISTENT"]);

	await using forged = await serveLog(directory.path, (path, body) =>
		path.startsWith("/tile/entries/") ? Buffer.from(Buffer.from(body).toString().replace("two", "owt")) : body,
	);
	const tampered = await troth(["audit", forged.url, "--vkey", SHARE_LOG.vkey, "--json"]);
	assert.deepEqual([tampered.code, tampered.error?.code, tampered.stdout], [1, "NOT_INCLUDED", ""]);
});

test("a command line that makes no sense ends with 2, a key that is none with 1", async () => {
	const wrong = await troth(["audit", "http://127.0.0.1:9", "--vkey", "no key", "--json"]);
	assert.deepEqual([wrong.code, wrong.error?.code], [1, "KEY_INVALID"]);
	for (const args of [
		[],
		["http://127.0.0.1:9"],
		["no url", "--vkey", "k"],
		["http://h", "--vkey", "k", "--since", "-1"],
	])
		assert.equal((await troth(["audit", ...args, "--json"])).code, 2, args.join(" "));
});
