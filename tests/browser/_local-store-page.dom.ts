/** The page side of `local-store.test.ts`: the stores of the browser and the cases they have to pass. */
import { LOCAL_STORE_CASES, type StorePlace } from "@troth/client/store/conformance.ts";
import { openIndexedDbStore } from "@troth/client/store/indexeddb.dom.ts";
import { sealStore } from "@troth/client/store/sealed-store.ts";
import { openDomSealer } from "@troth/client/store/sealer.dom.ts";

const STORES = {
	indexeddb: openIndexedDbStore,
	"sealed indexeddb": async (name: string) =>
		sealStore(await openIndexedDbStore(name), await openDomSealer(`${name}-key`)),
} as const;

function place(open: (name: string) => ReturnType<StorePlace["open"]>): StorePlace {
	const name = `case-${crypto.randomUUID()}`;
	return {
		open: () => open(name),
		discard: () =>
			new Promise((resolve, reject) => {
				const request = indexedDB.deleteDatabase(name);
				request.onsuccess = () => resolve();
				request.onerror = () => reject(request.error);
			}),
	};
}

const api = {
	stores: Object.keys(STORES),
	cases: LOCAL_STORE_CASES.map(({ name }) => name),
	/** Runs one case; resolves with undefined, or with what went wrong. */
	async run(store: keyof typeof STORES, name: string): Promise<string | undefined> {
		const found = LOCAL_STORE_CASES.find((one) => one.name === name);
		if (found === undefined) return "no such case";
		const where = place(STORES[store]);
		try {
			await found.run(where);
			return undefined;
		} catch (error) {
			return error instanceof Error ? (error.stack ?? error.message) : String(error);
		} finally {
			await where.discard();
		}
	},
};

Object.assign(globalThis, { localStorePage: api });
