/** A messenger with everything that sharing needs, all of it real: door, share log, witness, and two recipients. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PolicyFile, SystemClock } from "@troth/protocol";
import type { LogTrust } from "@troth/transparency";
import { startWitness } from "@troth/transparency/witness/witness.node.ts";
import { TestRecipient } from "../../bridge/door/_recipient.ts";
import { type Door, doorKeys, startDoor } from "../../bridge/door/index.ts";
import { createRpc } from "../sync/rpc.ts";
import { startWorld, type TestWorld } from "./_people.ts";

export const DAY = 24 * 3600 * 1000;
const OPERATOR = "operator";
/** What the messenger shows the door. */
export const DOOR_TOKEN = "between messenger and door";
const LOG_NAME = "troth.example/shares";

/** A company that takes shares in. */
export interface CompanyAt extends AsyncDisposable {
	readonly url: string;
	/** Of its log of receipts. */
	readonly vkey: string;
}

/** What a company is started with. */
export interface CompanyGround {
	readonly id: "family" | "photos";
	/** Of the whole world. */
	readonly directory: string;
	readonly clock: SystemClock;
	/** Of its bridge. */
	readonly token: string;
	readonly policyKey: Uint8Array;
	readonly shareLog: LogTrust;
	/** What the two name numbers with. */
	readonly pairKey?: Uint8Array;
}

export interface SharingWorld<Company extends CompanyAt = TestRecipient> extends AsyncDisposable {
	readonly world: TestWorld;
	readonly clock: SystemClock;
	readonly door: Door;
	/** Ends the door; `startDoor` starts another one in its place. */
	stopDoor(): Promise<void>;
	startDoor(): Promise<void>;
	readonly family: Company;
	readonly photos: Company;
	/** Of everything that lies on a disk. */
	readonly directory: string;
	readonly operatorToken: string;
	/** Publishes this model, as version 2 where no other is named, without a purpose where one is named. */
	publish(model: "opt-in" | "opt-out", version?: number, without?: string): Promise<void>;
}

export interface SharingWorldOptions {
	/** Numbers that accounts of the recipients have verified. */
	readonly members?: readonly string[];
	/** The built web app. */
	readonly webRoot?: string;
}

/** With the smallest honest recipients. */
export function startSharingWorld({ members = [], ...options }: SharingWorldOptions = {}): Promise<SharingWorld> {
	return startSharingWith((ground) => TestRecipient.start({ ...ground, members: new Set(members) }), options);
}

/** With companies of the caller's. */
export async function startSharingWith<Company extends CompanyAt>(
	open: (ground: CompanyGround) => Promise<Company>,
	{ webRoot }: Pick<SharingWorldOptions, "webRoot"> = {},
): Promise<SharingWorld<Company>> {
	await using undo = new AsyncDisposableStack();
	const directory = await mkdtemp(join(tmpdir(), "troth-sharing-"));
	undo.defer(() => rm(directory, { recursive: true }));
	const clock = new SystemClock();
	const stored = join(directory, "messenger");
	const policyKey = await policyKeyOf(stored, clock);
	const { vkey, policyVkey, indexVkey } = await doorKeys(join(directory, "door"), LOG_NAME);
	const witness = undo.use(
		await startWitness({
			clock,
			seed: new Uint8Array(32).fill(7),
			directory: join(directory, "witness"),
			name: "witness.example",
			host: "127.0.0.1",
			port: 0,
			logs: [vkey, policyVkey, indexVkey],
		}),
	);
	const shareLog: LogTrust = { log: vkey, witnesses: [witness.vkey], quorum: 1 };
	const recipient = async (id: CompanyGround["id"]) =>
		undo.use(await open({ id, directory, clock, token: `bridge to ${id}`, policyKey, shareLog }));
	const [family, photos] = [await recipient("family"), await recipient("photos")];
	const companies = [
		{ id: "family", company: family },
		{ id: "photos", company: photos },
	];
	const token = DOOR_TOKEN;
	const openDoor = (port: number) =>
		startDoor({
			port,
			clock,
			directory: join(directory, "door"),
			records: { kind: "sqlite", path: join(stored, "records.sqlite") },
			logName: LOG_NAME,
			token,
			policyKey,
			recipients: companies.map(({ id, company }) => ({
				id,
				url: company.url,
				token: `bridge to ${id}`,
				receipts: { log: company.vkey, witnesses: [], quorum: 0 },
			})),
			witnesses: [{ url: witness.url, vkey: witness.vkey }],
			quorum: 1,
			log: () => {},
		});
	let door = await openDoor(0);
	undo.defer(() => door[Symbol.asyncDispose]());
	const { url: doorUrl } = door;
	const world = undo.use(
		await startWorld({
			directory: stored,
			clock,
			...(webRoot !== undefined && { webRoot }),
			operatorToken: OPERATOR,
			sharing: {
				door: { url: doorUrl, token },
				logs: [
					{ name: "shares", url: doorUrl, vkey },
					{ name: "policy", url: `${doorUrl}/policy`, vkey: policyVkey },
					{ name: "index", url: `${doorUrl}/index`, vkey: indexVkey },
					...companies.map(({ id, company }) => ({ name: id, url: company.url, vkey: company.vkey })),
				],
				witnesses: [witness.vkey],
				quorum: 1,
				recipients: companies.map(({ id, company }) => ({ id, url: company.url })),
			},
		}),
	);
	const all = undo.move();
	return {
		world,
		clock,
		get door() {
			return door;
		},
		async stopDoor() {
			await door[Symbol.asyncDispose]();
		},
		async startDoor() {
			door = await openDoor(Number(new URL(doorUrl).port));
		},
		family,
		photos,
		directory,
		operatorToken: OPERATOR,
		async publish(model, version = 2, without) {
			const text = await readFile(new URL(`../../policies/${model}.json`, import.meta.url), "utf8");
			const file = withoutPurpose(JSON.parse(text) as PolicyFile, without);
			const response = await fetch(new URL("/operator/terms", world.url), {
				method: "POST",
				headers: { authorization: `Bearer ${OPERATOR}`, "content-type": "application/json" },
				body: JSON.stringify({ ...file, version }),
			});
			if (response.status !== 201) throw new Error(`not published: ${response.status} ${await response.text()}`);
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

/** The same policy, and its texts, without this purpose. */
function withoutPurpose(file: PolicyFile, without: string | undefined): PolicyFile {
	const locales = Object.entries(file.locales).map(([locale, text]) => {
		const purposes = Object.entries(text.purposes ?? {}).filter(([id]) => id !== without);
		return [locale, { ...text, purposes: Object.fromEntries(purposes) }] as const;
	});
	return {
		...file,
		purposes: file.purposes.filter(({ id }) => id !== without),
		locales: Object.fromEntries(locales),
	};
}
