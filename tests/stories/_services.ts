/**
 * Messenger, door and parent in this process, all real, with everything between door and parent captured. The clock is
 * the test's, so that what is asked every few seconds is asked when the story goes on.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { doorKeys, startDoor } from "../../bridge/door/index.ts";
import { startWorld, type TestWorld, until } from "../../client/stories/_people.ts";
import { createRpc } from "../../client/sync/rpc.ts";
import { type Family, startFamily } from "../../family/server.ts";
import { ManualClock } from "../../protocol/_manual-clock.ts";
import type { SystemClock } from "../../protocol/clock.ts";
import { Capture } from "./_capture.ts";

const OPERATOR = "operator";
const BRIDGE = "bridge to family";
const LOG_NAME = "troth.example/shares";
const PASSWORD = "correct horse battery";

export interface Services extends AsyncDisposable {
	readonly clock: ManualClock;
	readonly world: TestWorld;
	readonly family: Family;
	/** The data of each, below one directory. */
	readonly directories: { readonly messenger: string; readonly door: string; readonly family: string };
	/** Every byte between door and parent. */
	readonly crossed: Capture;
	/** A request of the messenger's operator, or of the parent's. */
	operate(at: "messenger" | "family", path: string, body?: object): Promise<{ status: number; body: Answer }>;
	/** An account at the parent, with this number verified. */
	signUp(name: string, phone: string): Promise<Relative>;
	/** Seconds pass, five at a time, until this holds. */
	later(what: string, holds: () => Promise<boolean>): Promise<void>;
}

export type Answer = Readonly<Record<string, unknown>>;

/** Somebody at the parent. */
export interface Relative {
	readonly person: string;
	readonly email: string;
	call(path: string, body?: object): Promise<{ status: number; body: Answer }>;
}

export async function startServices(): Promise<Services> {
	await using undo = new AsyncDisposableStack();
	const directory = await mkdtemp(join(tmpdir(), "troth-services-"));
	undo.defer(() => rm(directory, { recursive: true }));
	const at = (name: string) => join(directory, name);
	const clock = new ManualClock();
	// Devices and messenger ask a clock for no more than this one has.
	const asSystem = clock as unknown as SystemClock;
	const pairKey = new Uint8Array(32).fill(9);
	const policyKey = await policyKeyOf(at("messenger"), asSystem);
	const { vkey, policyVkey, indexVkey } = await doorKeys(at("door"), LOG_NAME);
	const codes = new Map<string, string>();
	const family = undo.use(
		await startFamily({
			...{ clock, id: "family", title: "Family", bridgeToken: BRIDGE, operatorToken: OPERATOR, witnesses: [] },
			stores: { kind: "sqlite", directory: at("family") },
			trust: { policyKey, shareLog: { log: vkey, witnesses: [], quorum: 0 } },
			codes: { send: async () => {} },
			onCode: (phone, code) => codes.set(phone, code),
			...{ listFloor: 5, features: { ads: false }, abusePseudonymKey: pairKey, log: () => {} },
		}),
	);
	const crossed = undo.use(await Capture.between(family.url));
	const token = "between messenger and door";
	const door = undo.use(
		await startDoor({
			...{ clock, directory: at("door"), logName: LOG_NAME, token, policyKey, witnesses: [], quorum: 0, log: () => {} },
			records: { kind: "sqlite", path: join(at("messenger"), "records.sqlite") },
			recipients: [
				{
					...{ id: "family", url: crossed.url, token: BRIDGE, abusePseudonymKey: pairKey },
					receipts: { log: family.receiptsVkey, witnesses: [], quorum: 0 },
				},
			],
		}),
	);
	const world = undo.use(
		await startWorld({
			directory: at("messenger"),
			clock: asSystem,
			operatorToken: OPERATOR,
			sharing: {
				door: { url: door.url, token },
				logs: [
					{ name: "shares", url: door.url, vkey },
					{ name: "policy", url: `${door.url}/policy`, vkey: policyVkey },
					{ name: "index", url: `${door.url}/index`, vkey: indexVkey },
					{ name: "family", url: `${family.url}/receipts`, vkey: family.receiptsVkey },
				],
				...{ witnesses: [], quorum: 0 },
				recipients: [{ id: "family", url: family.url }],
			},
		}),
	);
	const call = async (url: string, bearer: string, body?: object) => {
		const response = await fetch(url, {
			method: body === undefined ? "GET" : "POST",
			headers: { authorization: `Bearer ${bearer}`, ...(body !== undefined && { "content-type": "application/json" }) },
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		return { status: response.status, body: (await response.json()) as Answer };
	};
	const operate: Services["operate"] = (whose, path, body) =>
		call(`${whose === "family" ? family.url : world.url}/operator/${path}`, OPERATOR, body);
	const policy = await readFile(new URL("../../policies/opt-in.json", import.meta.url), "utf8");
	const published = await operate("messenger", "terms", JSON.parse(policy) as object);
	if (published.status !== 201) throw new Error(`not published: ${JSON.stringify(published.body)}`);
	const all = undo.move();
	return {
		...{ clock, world, family, crossed, operate },
		directories: { messenger: at("messenger"), door: at("door"), family: at("family") },
		async signUp(name, phone) {
			const email = `${name.toLowerCase()}@example.org`;
			const account = { name, email, password: PASSWORD, birthYear: 1990 };
			const signed = await call(`${family.url}/api/sign-up`, "", account);
			const { person, token: session } = signed.body as { person: string; token: string };
			const own = (path: string, body?: object) => call(family.url + path, session, body);
			await own("/api/phone", { phone });
			const verified = await own("/api/phone/verify", { code: codes.get(phone) ?? "" });
			if (verified.status !== 200) throw new Error(`not verified: ${JSON.stringify(verified.body)}`);
			return { person, email, call: own };
		},
		async later(what, holds) {
			await until(
				what,
				async () => {
					clock.advance(5_000);
					await door.tick();
					return holds();
				},
				200,
			);
		},
		[Symbol.asyncDispose]: () => all.disposeAsync(),
	};
}

/** A first start makes the records and the keys; the door needs both before the messenger knows the door. */
async function policyKeyOf(directory: string, clock: SystemClock): Promise<Uint8Array> {
	await using first = await startWorld({ directory, clock });
	const { policyKey } = await createRpc({ server: first.url, fetch }).server.getServerInfo({});
	return policyKey;
}
