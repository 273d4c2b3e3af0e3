/** `troth link` and `troth devices`: a second profile of the same account, let in by the first one, and removed. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startWorld, type TestWorld } from "../stories/_people.ts";
import { runTroth } from "./run.ts";

const ALICE = "+15550107701";

let world: TestWorld;
let home: string;

before(async () => {
	world = await startWorld();
	home = await mkdtemp(join(tmpdir(), "troth-linking-"));
});

after(async () => {
	await world?.[Symbol.asyncDispose]();
	await rm(home, { recursive: true });
});

/** Runs a command; `said` is told each line as it comes. */
async function troth(
	profile: string,
	words: readonly string[],
	said: (line: Record<string, unknown>) => void = () => {},
) {
	const lines: Record<string, unknown>[] = [];
	const errors: string[] = [];
	const code = await runTroth([...words, "--profile", join(home, profile), "--json"], {
		print: (text) => {
			for (const line of text.split("\n").filter((one) => one.startsWith("{"))) {
				lines.push(JSON.parse(line));
				said(lines.at(-1) ?? {});
			}
		},
		complain: (text) => errors.push(text),
		ask: async () => world.code(ALICE),
		interactive: false,
		home,
		passphrase: undefined,
	});
	return { code, lines, errors };
}

test("alice links a second profile with the code it prints, sees both, and removes it", async () => {
	const registered = ["register", "--server", world.url, "--phone", ALICE, "--name", "Alice", "--accept", "1"];
	assert.equal((await troth("phone", registered)).code, 0);
	assert.equal((await troth("phone", ["link"])).code, 2);
	assert.match((await troth("phone", ["link", "NONE", "--yes"])).errors.join(), /MALFORMED/);

	let letIn: ReturnType<typeof troth> | undefined;
	const linked = await troth("laptop", ["link", "--server", world.url, "--name", "Laptop"], ({ code }) => {
		if (typeof code === "string") letIn = troth("phone", ["link", code, "--yes"]);
	});
	assert.deepEqual((await letIn)?.lines, [{ linked: true, name: "Laptop", kind: "computer" }]);
	assert.equal(linked.code, 0, linked.errors.join());
	assert.deepEqual(
		linked.lines.map((line) => Object.keys(line).join()),
		["address,code,expiresAt", "account,device,phone,name", "conversations"],
	);
	const { lines } = await troth("laptop", ["devices"]);
	assert.deepEqual(
		lines.map(({ name, own }) => [name, own]),
		[
			["troth on Linux", false],
			["Laptop", true],
		],
	);
	assert.equal((await troth("phone", ["devices", "remove", "Laptop"])).code, 0);
	const after = await troth("laptop", ["devices"]);
	assert.equal(after.code, 1);
	assert.match(after.errors.join(), /DEVICE_REMOVED/);
	assert.equal((await troth("laptop", ["conversations"])).code, 0, "what it has stays readable");
});
