/**
 * What alice, bob and carla write, what they call themselves and their group is nowhere in the messenger's files, logs
 * and captured traffic, in whatever form (hazard 33).
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Capture } from "./_capture.ts";
import { account, hears, say, Town } from "./_town.ts";
import { tracesBelow, tracesIn } from "./_traces.ts";

const NAMES = ["Alice of the Harbour", "Bob from Upstream", "Carla from the old mill"];
const GROUP = "The lighthouse keepers";
const GROUP_LATER = "The retired lighthouse keepers";
const TEXTS = [
	"the key lies under the third flowerpot",
	"I will bring the blue umbrella, ümläuts and 🌧",
	"does anyone remember the wifi password",
];
const MARKERS = [...NAMES, GROUP, GROUP_LATER, ...TEXTS];

test("neither texts nor names of people or groups are in the server's files, logs or traffic", async () => {
	await using town = await Town.found();
	await using capture = await Capture.between(town.server);
	town.server = capture.url;
	{
		await using alice = await town.welcome(NAMES[0] ?? "", "0001");
		await using bob = await town.welcome(NAMES[1] ?? "", "0002");
		await using carla = await town.welcome(NAMES[2] ?? "", "0003");

		const direct = await alice.openDirect(await account(bob));
		await say(alice, direct, TEXTS[0] ?? "");
		await hears(bob, TEXTS[0] ?? "");
		const group = await alice.createGroup(GROUP, [await account(bob), await account(carla)]);
		await say(alice, group, TEXTS[1] ?? "");
		const heard = await hears(carla, TEXTS[1] ?? "");
		await carla.markRead(group, heard.seq ?? 0);
		await alice.renameGroup(group, GROUP_LATER);
		await say(carla, group, TEXTS[2] ?? "");
		await hears(bob, TEXTS[2] ?? "");
		assert.equal((await bob.conversation(group))?.title, GROUP_LATER, "the members know the name");
	}

	// The search is worth something only where there was something to search.
	const traffic = capture.bytes();
	assert.ok(traffic.length > 100_000, `${traffic.length} bytes of traffic`);
	assert.ok(traffic.includes("troth.v1.ConversationService/CreateConversation"));
	assert.ok(town.log.includes('"event"'));
	assert.deepEqual(tracesIn("traffic", traffic, MARKERS), []);
	assert.deepEqual(tracesIn("log", Buffer.from(town.log), [...MARKERS, "+15550100001", "+15550100002"]), []);
	assert.deepEqual(tracesBelow(town.dataDir, MARKERS), []);

	// And it would not have missed a server that stores messages as base64.
	// In a file that the running server does not write anew.
	await writeFile(join(town.dataDir, "logs.bin"), Buffer.from(`{"text":"${TEXTS[0]}"}`).toString("base64"));
	await writeFile(join(town.dataDir, "cache.bin"), Buffer.from(GROUP, "utf16le"));
	const planted = tracesBelow(town.dataDir, MARKERS);
	assert.ok(planted.some(({ marker, form }) => marker === TEXTS[0] && form.startsWith("base64")));
	assert.ok(planted.some(({ marker, form }) => marker === GROUP && form === "utf-16le"));
});
