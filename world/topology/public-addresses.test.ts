/** Behind a proxy people are told where the proxy is, and the parts go on speaking where they listen. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ConfigError } from "@troth/messenger";
import { planWorld } from "./plan.ts";
import { readPublicAddresses } from "./public-addresses.ts";

const NAMED = {
	TROTH_LOGS_ORIGIN: "https://logs.example.org",
	TROTH_FAMILY_ORIGIN: "https://family.example.org/",
	TROTH_PHOTOS_ORIGIN: "",
};

test("devices and auditors are told the addresses of the proxy; the bridge is not", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-plan-"));
	try {
		const plan = await planWorld({
			...{ directory, host: "127.0.0.1", webRoot: "", nextPolicy: "", codes: "told", listFloor: 5 },
			ports: { messenger: 1, family: 2, graph: 3, photos: 4, business: 5, bridge: 6, witness: 7 },
			publicAddresses: readPublicAddresses(NAMED),
		});
		const told = Object.fromEntries(plan.logs.map(({ name, url }) => [name, url]));
		assert.deepEqual(told, {
			shares: "https://logs.example.org",
			policy: "https://logs.example.org/policy",
			index: "https://logs.example.org/index",
			family: "https://family.example.org/receipts",
			photos: "http://127.0.0.1:4/receipts",
		});
		assert.deepEqual(plan.messenger.sharing?.logs, plan.logs);
		assert.deepEqual(plan.messenger.sharing?.door.url, "http://127.0.0.1:6");
		assert.deepEqual([plan.family.origin, plan.photos.origin], ["https://family.example.org", undefined]);
		assert.deepEqual(
			plan.bridge.recipients.map(({ url }) => url),
			["http://127.0.0.1:2", "http://127.0.0.1:4"],
		);
	} finally {
		await rm(directory, { recursive: true });
	}
});

test("an address that is none is told with the variable's name", () => {
	for (const wrong of ["logs.example.org", "https://logs.example.org/path", "ftp://logs.example.org"])
		assert.throws(
			() => readPublicAddresses({ TROTH_LOGS_ORIGIN: wrong }),
			(error) => error instanceof ConfigError && error.message.startsWith("TROTH_LOGS_ORIGIN"),
		);
	assert.deepEqual(readPublicAddresses({}), {});
});
