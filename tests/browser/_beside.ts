/** The profile `bridge` in this process: the sample shop, the service and the door beside it, a witness and the companies. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startBeside, startBesideDoor } from "@troth/bridge/beside/index.ts";
import { type FamilyOptions, startFamily } from "@troth/family";
import { SystemClock } from "@troth/protocol";
import { startWitness } from "@troth/transparency/witness/witness.node.ts";
import { buildEmbedded } from "@troth/web/embedded/build.ts";
import { json, post } from "@troth/world/_sandbox.ts";
import { openCustomers } from "@troth/world/host/customers.ts";
import { startSampleHost } from "@troth/world/host/sample-host.ts";
import { type BesidePlan, planBeside } from "@troth/world/topology/plan-beside.ts";

export interface BesideTown extends AsyncDisposable {
	readonly shop: string;
	readonly bridge: string;
	/** The parent's site. */
	readonly family: string;
	/** The shop acts upon a customer's account. */
	flag(name: string): Promise<void>;
	/** A second passes for the door. */
	tick(): Promise<void>;
	/** What the parent has by a share under this number, by purpose. */
	held(phone: string): Promise<readonly string[]>;
}

const WITHOUT_A_YES = ["usage_metrics", "spam_and_abuse"];
/** That names of numbers are made with, the same for all of them. */
const PAIR_KEY = new Uint8Array(32).fill(7);
const USAGE_POLICY = join(import.meta.dirname, "..", "..", "policies", "opt-in.json");

/** As much of a policy file as is changed here. */
interface PolicyText {
	readonly purposes: { readonly id: string }[];
	readonly locales: Readonly<Record<string, LocaleText>>;
}

interface LocaleText {
	readonly documents: readonly { body: string }[];
	readonly purposes: Record<string, { readonly title: string; readonly body: string }>;
}

/** With what somebody logs in at the parent. */
export function loginOf(name: string) {
	return { email: `${name.toLowerCase()}@example.org`, password: "correct horse" };
}

/** The shop's policy with purposes that need no yes, and where the shop says what is told for them: of nobody anything yet. */
async function alsoWithout({ shop, beside }: BesidePlan): Promise<Pick<typeof beside, "policy" | "facts">> {
	const [sample, own] = [await readFile(USAGE_POLICY, "utf8"), await readFile(beside.policy, "utf8")].map(
		(text) => JSON.parse(text) as PolicyText,
	);
	assert.ok(sample !== undefined && own !== undefined && beside.facts.kind === "sql");
	own.purposes.push(...sample.purposes.filter(({ id }) => WITHOUT_A_YES.includes(id)));
	for (const id of WITHOUT_A_YES) {
		const words = sample.locales["en"]?.purposes[id];
		assert.ok(words !== undefined);
		for (const { purposes, documents } of Object.values(own.locales)) {
			purposes[id] = words;
			for (const document of documents.slice(1)) document.body += `\n\n## ${words.title}\n\n${words.body}`;
		}
	}
	const policy = join(dirname(shop.path), "without-a-yes.json");
	await writeFile(policy, JSON.stringify(own));
	using database = new DatabaseSync(shop.path);
	database.exec("create view troth_use as select id, '' as day, '' as often from customer where false");
	database.exec("create table flagged (name text, mark text, grade text)");
	database.exec("create view troth_spam as select id, mobile, mark, grade from customer join flagged using (name)");
	const use = { view: "troth_use", id: "id", fields: { last_used_day: "day", usage_class: "often" } };
	const fields = { phone_number: "mobile", label: "mark", score_class: "grade" };
	const purposes = { usage_metrics: use, spam_and_abuse: { view: "troth_spam", id: "id", fields } };
	return { policy, facts: { ...beside.facts, purposes: { ...beside.facts.purposes, ...purposes } } };
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
	const family = await company({ ...plan.family, abusePseudonymKey: PAIR_KEY });
	await company({ ...plan.photos, abusePseudonymKey: PAIR_KEY });
	const shop = undo.use(await startSampleHost({ ...plan.shop, clock }));
	const without = await alsoWithout(plan);
	const beside = undo.use(
		await startBeside({
			...{ ...plan.beside, ...quiet, ...without, numberKeys: ["family", "photos"] },
			// A shop that does not take it yet.
			objectionsUrl: `${shop.url}/objections`,
		}),
	);
	const door = undo.use(
		await startBesideDoor({
			...{ ...plan.door, ...quiet, facts: without.facts },
			recipients: plan.door.recipients.map((one) => ({ ...one, abusePseudonymKey: PAIR_KEY })),
		}),
	);
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
		async flag(name) {
			// Through the store's own SQLite: another one in this process would take its locks away.
			const customers = await openCustomers(plan.shop.path);
			const flagged = { name, mark: "bulk_messages", grade: "high" };
			await customers
				.insertInto("flagged" as "customer")
				.values(flagged as never)
				.execute();
			await customers.destroy();
			await beside.sweep();
		},
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
