/** `troth audit`: an outsider, who has no account and no profile, checks a log. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { canonicalJson } from "@troth/protocol";
import { ed25519NoteSigner } from "@troth/transparency";
import { openLog, SHARE_LOG, seedOf, serveLog, temporaryDirectory, witnessOf } from "@troth/transparency/_logs.ts";
import { startWorld } from "../../../bridge/door/_door.ts";
import { doorKeys } from "../../../bridge/door/index.ts";
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

test("a policy log is told version by version, held against the published pages, and the index against the leaves", async () => {
	const policies = [1, 2].map((version) => Buffer.from(canonicalJson({ version, purposes: [] })));
	const hashes = policies.map((policy) => createHash("sha256").update(policy).digest("hex"));
	await using directory = await temporaryDirectory();
	const signer = ed25519NoteSigner("share.example/policy", seedOf(6));
	{
		await using log = await openLog(directory.path, { signer });
		log.integrate(0, policies);
		await log.publish();
	}
	await using served = await serveLog(directory.path);
	let published = [...hashes];
	await using pages = createServer((request, response) => {
		const hash = published[Number(/^\/terms\/(\d+)\.json$/.exec(request.url ?? "")?.[1]) - 1];
		response.writeHead(hash === undefined ? 404 : 200).end(JSON.stringify({ hash, publishedAt: 1_800_000_000_000 }));
	}).listen(0, "127.0.0.1");
	await once(pages, "listening");
	const server = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
	const audit = (...more: string[]) => troth(["audit", served.url, "--vkey", signer.vkey, "--json", ...more]);
	const [alone] = (await audit()).lines as [{ policies: unknown }];
	assert.deepEqual(alone.policies, [
		{ version: 1, hash: hashes[0] },
		{ version: 2, hash: hashes[1] },
	]);
	assert.equal((await audit("--server", server)).code, 0);
	published = [hashes[0] ?? "", "0".repeat(64)];
	const other = await audit("--server", server);
	assert.deepEqual([other.code, other.error?.code], [1, "INCONSISTENT"]);
	published = [...hashes, "0".repeat(64)];
	assert.equal((await audit("--server", server)).code, 1, "a version that is published and not logged");
	pages.closeAllConnections();
});

test("an index that is not that of the leaves is refused", async () => {
	await using world = await startWorld({ members: ["+15550100001"], witnessed: true });
	const alice = await world.records.register("+15550100001");
	await alice.allow("relevant_ads");
	await world.tick();
	world.clock.advance(60_000);
	await world.tick();
	const keys = await doorKeys(join(world.directory, "door"), "troth.example/shares");
	const audit = (indexVkey: string) =>
		troth(["audit", world.door.url, "--vkey", keys.vkey, "--index-vkey", indexVkey, "--json"]);
	const good = await audit(keys.indexVkey);
	const { index } = good.lines[0] as { index: { size: number; states: number } };
	// How often the door brought it up to date is a matter of moments.
	assert.deepEqual([good.code, index.size], [0, 16], good.stderr);
	assert.ok(index.states >= 1);
	assert.equal((await audit(keys.policyVkey)).error?.code, "LOG_UNKNOWN");
});
