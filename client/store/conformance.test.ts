/** One suite over all stores that run on Node. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { LOCAL_STORE_CASES, type StorePlace } from "./conformance.ts";
import { type MemoryData, MemoryStore } from "./memory.ts";
import { openProfileStore } from "./profile-store.node.ts";
import { openSqliteStore } from "./sqlite.node.ts";

function inFolder(open: (folder: string) => ReturnType<StorePlace["open"]>): StorePlace {
	const folder = mkdtempSync(join(tmpdir(), "troth-store-"));
	return {
		open: () => open(folder),
		discard: async () => rmSync(folder, { recursive: true, force: true }),
	};
}

const stores: Record<string, () => StorePlace> = {
	memory: () => {
		const data: MemoryData = new Map();
		return { open: async () => new MemoryStore(data), discard: async () => data.clear() };
	},
	sqlite: () => inFolder(async (folder) => openSqliteStore(join(folder, "store.db"))),
	"sealed sqlite": () => inFolder(async (folder) => (await openProfileStore(folder)).store),
};

for (const [name, newPlace] of Object.entries(stores)) {
	suite(name, () => {
		for (const { name: story, run } of LOCAL_STORE_CASES) {
			test(story, async () => {
				const place = newPlace();
				try {
					await run(place);
				} finally {
					await place.discard();
				}
			});
		}
	});
}
