/** An auditor's numbers: unknown to a company as long as nobody tells it, and found out as soon as somebody does. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openProfile } from "@troth/client/device/open.node.ts";
import { startSharingWorld } from "../client/stories/_sharing.ts";
import { startTestFamily, type TestFamily } from "../family/_fixture.ts";
import { checkCanaries } from "./canaries/check.ts";
import { askTerminal, smsCodes } from "./canaries/codes.ts";
import { plantCanaries } from "./canaries/plant.ts";
import { profileOf } from "./canaries/record.ts";

const FIRST = "+15550108001";
const SECOND = "+15550108002";

/** The sandbox's way to read codes: whoever sent the last one. */
async function startSms(codeOf: (phone: string) => string | undefined) {
	const server = createServer((request, response) => {
		const phone = new URL(request.url ?? "/", "http://sms").searchParams.get("phone") ?? "";
		const code = codeOf(phone);
		response.writeHead(code === undefined ? 404 : 200, { "content-type": "application/json" });
		response.end(JSON.stringify(code === undefined ? {} : { code }));
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sandbox/sms`,
		[Symbol.dispose]: () => void server.close(),
	};
}

test("canaries say no to everything, and a company that learns a number another way is found out", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-canary-"));
	try {
		await using town = await startSharingWorld();
		await town.publish("opt-in");
		await using family: TestFamily = await startTestFamily();
		let asking: "messenger" | "family" = "messenger";
		using sms = await startSms((phone) =>
			asking === "messenger" ? town.world.code(phone) || undefined : family.codes.get(phone),
		);
		const codeFor = smsCodes(sms.url);
		const planting = { directory, server: town.world.url, codeFor };
		assert.deepEqual(await plantCanaries({ ...planting, phones: [FIRST, SECOND] }), [FIRST, SECOND]);
		assert.equal((await stat(join(directory, "canaries.json"))).mode & 0o077, 0);
		{
			await using device = await openProfile({ dir: profileOf(directory, { phone: FIRST }), connect: false });
			const { choices, acceptedVersion } = await device.sharing();
			assert.equal(acceptedVersion, 2);
			const { purposes } = await device.terms();
			const asked = purposes.filter(({ choice, objectable }) => choice || objectable).map(({ id }) => id);
			const refused = choices.filter(({ state }) => state === "refused").map(({ purpose }) => purpose);
			assert.deepEqual(refused.toSorted(), asked.toSorted());
			assert.ok(asked.includes("relevant_ads") && asked.includes("usage_metrics"));
		}
		await town.door.tick();
		asking = "family";
		const check = () => checkCanaries({ directory, recipients: [family.url], codeFor });
		const quiet = await check();
		assert.deepEqual([quiet.verdict, quiet.answers.map(({ answer }) => answer)], ["unknown", ["unknown", "unknown"]]);
		assert.deepEqual([...new Set(quiet.shares.map(({ answer }) => answer))], ["nothing"]);

		// Somebody carries one number past the log.
		const mallory = await family.signUp("Mallory");
		await mallory.upload(SECOND);
		const loud = await check();
		assert.equal(loud.verdict, "known");
		assert.deepEqual(
			loud.answers.map(({ phone, answer }) => [phone, answer]),
			[
				[FIRST, "unknown"],
				[SECOND, "known"],
			],
		);

		const gone = await checkCanaries({ directory, recipients: ["http://127.0.0.1:9"], codeFor });
		assert.equal(gone.verdict, "open", "who does not answer has not said no");
	} finally {
		await rm(directory, { recursive: true });
	}
});

test("without the sandbox the auditor types the codes", async () => {
	const asked: string[] = [];
	const codeFor = askTerminal((question) => {
		asked.push(question);
		return Promise.resolve(" 123456 ");
	});
	assert.equal(await (await codeFor(FIRST, "troth.example"))(), "123456");
	assert.match(asked.join(), /troth\.example sent to \+15550108001/);
});

test("a command line that makes no sense ends with 2, a directory without canaries with 3", async () => {
	const run = async (...args: string[]) => {
		const child = spawn(process.execPath, [join(import.meta.dirname, "canary.ts"), ...args], { stdio: "ignore" });
		return (await once(child, "exit"))[0] as number;
	};
	const [usage, nothing] = await Promise.all([
		run("check", "--dir", "/nowhere"),
		run("check", "--dir", "/nowhere", "--recipient", "http://127.0.0.1:9", "--sms", "http://127.0.0.1:9"),
	]);
	assert.deepEqual([usage, nothing], [2, 3]);
});
