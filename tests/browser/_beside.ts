/** The profile `bridge` in this process: the sample shop, the service and the door beside it, a witness and the companies. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startBeside, startBesideDoor } from "@troth/bridge/beside/index.ts";
import { type FamilyOptions, startFamily } from "@troth/family";
import { SystemClock } from "@troth/protocol";
import { startWitness } from "@troth/transparency/witness/witness.node.ts";
import { buildEmbedded } from "@troth/web/embedded/build.ts";
import { json, post } from "@troth/world/_sandbox.ts";
import { startSampleHost } from "@troth/world/host/sample-host.ts";
import { planBeside } from "@troth/world/topology/plan-beside.ts";

export interface BesideTown extends AsyncDisposable {
	readonly shop: string;
	readonly bridge: string;
	/** The parent's site. */
	readonly family: string;
	/** A second passes for the door. */
	tick(): Promise<void>;
	/** What the parent has by a share under this number, by purpose. */
	held(phone: string): Promise<readonly string[]>;
}

/** With what somebody logs in at the parent. */
export function loginOf(name: string) {
	return { email: `${name.toLowerCase()}@example.org`, password: "correct horse" };
}

/** @param people customers of the shop; each has verified the same number at the parent */
export async function startBesideTown(
	people: readonly { readonly name: string; readonly phone: string }[],
): Promise<BesideTown> {
	await using undo = new AsyncDisposableStack();
	const clock = new SystemClock();
	const directory = await mkdtemp(join(tmpdir(), "troth-beside-"));
	undo.defer(() => rm(directory, { recursive: true, force: true }));
	const { root } = await buildEmbedded();
	const plan = await planBeside({ directory, pages: root, people, listFloor: 5 });
	const quiet = { clock, log: () => {} };
	const codes = new Map<string, string>();
	undo.use(await startWitness({ ...plan.witness, ...quiet }));
	const company = async ({ codes: _told, ...options }: typeof plan.family) => {
		const given: FamilyOptions = {
			...options,
			...quiet,
			codes: { send: async () => {} },
			onCode: (phone, code) => codes.set(phone, code),
		};
		return undo.use(await startFamily(given));
	};
	const family = await company(plan.family);
	await company(plan.photos);
	const shop = undo.use(await startSampleHost({ ...plan.shop, clock }));
	const beside = undo.use(await startBeside({ ...plan.beside, ...quiet }));
	const door = undo.use(await startBesideDoor({ ...plan.door, ...quiet }));
	for (const { name, phone } of people) {
		const account = { name, ...loginOf(name), birthYear: 1990 };
		const { body } = await post(`${family.url}/api/sign-up`, undefined, account);
		const token = String(body["token"]);
		await post(`${family.url}/api/phone`, token, { phone });
		await post(`${family.url}/api/phone/verify`, token, { code: codes.get(phone) });
	}
	const running = undo.move();
	return {
		shop: shop.url,
		bridge: beside.url,
		family: family.url,
		async tick() {
			clock.advance(1_000);
			await door.tick();
		},
		async held(phone) {
			const { body } = await json(`${family.url}/operator/knows?phone=${encodeURIComponent(phone)}`, {
				headers: { authorization: `Bearer ${plan.secrets.familyOperator}` },
			});
			const items = body["items"] as readonly { readonly source: string; readonly purpose: string }[];
			return items
				.filter(({ source }) => source === "share")
				.map(({ purpose }) => purpose)
				.sort();
		},
		[Symbol.asyncDispose]: () => running.disposeAsync(),
	};
}
