/** Terms, choices and shares on the command line, from the operator's publication to the person's proof. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type SharingWorld, startSharingWorld } from "../stories/_sharing.ts";
import { troth } from "./_troth.ts";

const ALICE = "+15550107101";
const NONCE = "cd".repeat(32);
const OPT_IN = fileURLToPath(new URL("../../policies/opt-in.json", import.meta.url));

let town: SharingWorld;
let profiles: string;
const of = (name: string) => ["--profile", join(profiles, name), "--json"];
const operator = () => ["--server", town.world.url, "--token", town.operatorToken, "--json"];

async function register(name: string, phone: string, ...more: readonly string[]) {
	const args = ["register", "--server", town.world.url, "--phone", phone, "--name", name, ...of(name)];
	await troth(args);
	return troth([...args, "--code", town.world.code(phone), ...more]);
}

before(async () => {
	profiles = await mkdtemp(join(tmpdir(), "troth-sharing-command-"));
	town = await startSharingWorld({ members: [ALICE] });
	assert.equal((await register("alice", ALICE, "--accept", "1")).code, 0);
});

after(async () => {
	await town[Symbol.asyncDispose]();
	await rm(profiles, { recursive: true });
});

test("the operator publishes, and what breaks a rule is refused with the findings", async () => {
	const wrong = join(profiles, "wrong.json");
	const policy = JSON.parse(await readFile(OPT_IN, "utf8")) as { purposes: { initial: string }[] };
	for (const purpose of policy.purposes) purpose.initial = "on";
	await writeFile(wrong, JSON.stringify(policy));
	const refused = await troth(["operator", "terms", "publish", wrong, ...operator()]);
	assert.equal(refused.error?.code, "POLICY_INVALID");
	assert.match(refused.error?.message ?? "", /purposes/);
	const stranger = ["--server", town.world.url, "--token", "guessed", "--json"];
	const unknown = await troth(["operator", "terms", "show", ...stranger]);
	assert.deepEqual([unknown.code, unknown.error?.code], [1, "UNAUTHENTICATED"]);
	const done = await troth(["operator", "terms", "publish", OPT_IN, ...operator()]);
	assert.equal(done.lines[0]?.["version"], 2, done.stderr);
	assert.equal((await troth(["operator", "terms", "publish", OPT_IN, ...operator()])).error?.code, "VERSION_EXISTS");
});

test("the operator watches the rollout until everybody is told, in counts, and reads what was reported", async () => {
	const { lines } = await troth(["operator", "rollout", "--watch", ...operator()]);
	const { version, accounts, queued } = lines.at(-1) ?? {};
	assert.deepEqual([version, (queued as { readonly accounts?: unknown })?.accounts], [2, accounts]);
	assert.match((await troth(["operator", "rollout", ...operator().slice(0, -1)])).stdout, /^Version 2, \d+ accounts\n/);
	assert.deepEqual((await troth(["operator", "reports", ...operator()])).lines, [{ reports: 0 }]);
});

test("`listen` prints the notice, and printing it starts the 30 days", async () => {
	const heard = await troth(["listen", "--count", "1", "--timeout", "20", ...of("alice")]);
	assert.equal(heard.lines[0]?.["type"], "terms", heard.stderr);
	assert.equal(heard.lines[0]?.["version"], 2);
	const [terms] = (await troth(["terms", ...of("alice")])).lines;
	assert.deepEqual([terms?.["phase"], terms?.["acceptedVersion"], terms?.["pendingVersion"]], ["pending", 1, 2]);
	assert.ok(Number(terms?.["deadline"]) > town.clock.now() + 29 * 24 * 3600 * 1000);
});

test("accepting with a choice: what is not named stays open", async () => {
	const [accepted] = (await troth(["accept", "2", "--consent", "friend_suggestions", ...of("alice")])).lines;
	const choices = (accepted?.["choices"] ?? []) as readonly { purpose: string; state: string }[];
	const states = choices.map(({ purpose, state }) => `${purpose} ${state}`);
	assert.deepEqual(states, ["friend_suggestions granted", "relevant_ads unset", "account_linking unset"]);
});

test("`shares` lists each field with its proof, and follows a withdrawal to its acknowledgement", async () => {
	await town.door.tick();
	const given = await troth(["shares", ...of("alice")]);
	assert.deepEqual(
		given.lines.map(({ field, recipient, purpose, basis, state, verified }) => ({
			field,
			recipient,
			purpose,
			basis,
			state,
			verified,
		})),
		["family", "photos"].map((recipient) => ({
			field: "phone_number",
			recipient,
			purpose: "friend_suggestions",
			basis: "consent",
			state: "shared",
			verified: true,
		})),
	);
	const withdrawn = await troth(["consent", "withdraw", "friend_suggestions", ...of("alice")]);
	assert.equal(withdrawn.lines[0]?.["state"], "withdrawn", withdrawn.stderr);
	await town.door.tick();
	const { lines } = await troth(["shares", ...of("alice")]);
	assert.deepEqual(
		lines.map(({ state, verified }) => [state, verified]),
		[
			["acknowledged", true],
			["acknowledged", true],
		],
	);
});

test("`region` says where one lives and how old one is, and what that ends", async () => {
	await troth(["consent", "grant", "relevant_ads", ...of("alice")]);
	const [moved] = (await troth(["region", "kr", "--minor", ...of("alice")])).lines;
	assert.deepEqual(moved, {
		...{ numberRegion: "US", declaredRegion: "KR", minor: true, minorBelow: 19 },
		...{ barred: ["relevant_ads"], ended: ["relevant_ads"] },
	});
	const refused = await troth(["consent", "grant", "relevant_ads", ...of("alice")]);
	assert.deepEqual([refused.code, refused.error?.code], [1, "PURPOSE_NOT_ALLOWED"]);
	const [back] = (await troth(["region", "none", "--adult", ...of("alice")])).lines;
	assert.deepEqual([back?.["declaredRegion"], back?.["minor"], back?.["minorBelow"]], [null, false, 18]);
	for (const wrong of [["ZZ"], ["DE", "--minor", "--adult"]])
		assert.equal((await troth(["region", ...wrong, ...of("alice")])).code, 2, wrong.join(" "));
});

test("linking needs an address of a company that the server names, and says whose account it is", async () => {
	const elsewhere = await troth(["link-family", `https://mallory.example/connect/${NONCE}`, ...of("alice")]);
	assert.deepEqual([elsewhere.code, elsewhere.error?.code], [1, "FORBIDDEN"]);
	const page = await giveOutPage();
	try {
		const used = await troth(["link-family", `${town.family.url}/connect/${"00".repeat(32)}`, ...of("alice")]);
		assert.equal(used.error?.code, "NOT_FOUND");
		const linked = await troth(["link-family", `${town.family.url}/connect/${NONCE}`, ...of("alice")]);
		assert.equal(linked.lines[0]?.["linked"], true, linked.stderr);
		assert.equal(linked.lines[0]?.["account"], "Alice at Family");
	} finally {
		page.close();
		page.closeAllConnections();
	}
	await town.family.comeBack();
	const undone = await troth(["link-family", town.family.url, "--undo", ...of("alice")]);
	assert.equal(undone.lines[0]?.["linked"], false, undone.stderr);
});

test("the export holds a receipt of each decision", async () => {
	const out = join(profiles, "export");
	const exported = await troth(["export", "--out", out, ...of("alice")]);
	assert.equal(exported.lines[0]?.["receipts"], 5, exported.stderr);
	const [name] = await readdir(join(out, "receipts"));
	const receipt = JSON.parse(await readFile(join(out, "receipts", name ?? ""), "utf8")) as Record<string, unknown>;
	assert.equal(receipt["@type"], "dpv:ConsentRecord");
});

/** The recipient's site in place of its intake, on the same address: the page that gave the nonce out. */
async function giveOutPage(): Promise<Server> {
	await town.family.goAway();
	const server = createServer((request, response) => {
		if (request.url !== `/connect/${NONCE}`) return response.writeHead(404).end("{}");
		const body = { recipient: "family", nonce: NONCE, title: "Alice at Family" };
		return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
	});
	await new Promise<void>((resolve) => server.listen(Number(new URL(town.family.url).port), "127.0.0.1", resolve));
	return server;
}
