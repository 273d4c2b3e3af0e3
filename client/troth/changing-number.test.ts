/** `troth change-number`: the code in a second call, as at a registration, and what goes on said in the answer. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openProfile, registerProfile } from "../device/open.node.ts";
import { type SharingWorld, startSharingWorld } from "../stories/_sharing.ts";
import { troth } from "./_troth.ts";

const OLD = "+15550107201";
const NEW = "+15550107202";

let town: SharingWorld;
let dir: string;

before(async () => {
	town = await startSharingWorld({ members: [OLD, NEW] });
	await town.publish("opt-in");
	dir = await mkdtemp(join(tmpdir(), "troth-number-"));
	const server = town.world.url;
	await registerProfile({ dir, server, phone: OLD, name: "Alice", code: async () => town.world.code(OLD) });
	await using device = await openProfile({ dir });
	await device.acceptTerms(2);
	const presentation = { control: "buttons", initiallyOn: false, place: "notice" } as const;
	await device.decide([{ purpose: "relevant_ads", granted: true }], presentation);
	await town.door.tick();
});

after(async () => {
	await town[Symbol.asyncDispose]();
	await rm(dir, { recursive: true });
});

const changeNumber = (...args: readonly string[]) => troth(["change-number", ...args, "--profile", dir, "--json"]);

test("without a code it asks for one; with it the number is changed and what stands goes on", async () => {
	assert.equal((await changeNumber()).code, 2);
	assert.equal((await changeNumber(NEW)).error?.code, "CODE_NEEDED");
	const changed = await changeNumber(NEW, "--code", town.world.code(NEW));
	assert.deepEqual(changed.lines, [{ phone: NEW, renewed: ["relevant_ads"], ended: [], told: 0 }], changed.stderr);
	await town.door.tick();
	assert.deepEqual(
		[...town.family.kept.values()].map((values) => values["phone_number"]),
		[NEW],
	);
});
