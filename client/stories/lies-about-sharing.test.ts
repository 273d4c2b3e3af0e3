/** What a lying server can not do: change the terms, its keys, or what the log says about a person. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { sha256 } from "@noble/hashes/sha2.js";
import {
	DecidePurposesResponseSchema,
	GetServerInfoResponseSchema,
	GetStandingResponseSchema,
	GetTermsResponseSchema,
	LABELS,
	ListSharesResponseSchema,
	type Share,
	termsTextBytes,
} from "@troth/protocol";
import type { ShareAlarm } from "../device/api.ts";
import { nodePorts } from "../device/open.node.ts";
import { signStatement } from "../identity/signed.ts";
import { Untrusted, type UntrustedCode } from "../identity/untrusted.ts";
import { MemoryStore } from "../store/memory.ts";
import { Middleman } from "./_lying.ts";
import { type Person, until } from "./_people.ts";
import { type SharingWorld, startSharingWorld } from "./_sharing.ts";

const ALICE = "+15550106101";
const NOTICE = { control: "buttons", initiallyOn: false, place: "notice" } as const;
const man = new Middleman();
const { engine } = nodePorts(new MemoryStore(new Map()));

let town: SharingWorld;
let alice: Person;

before(async () => {
	town = await startSharingWorld({ members: [ALICE] });
	alice = await town.world.person("Alice", { phone: ALICE, ports: man.between });
	await town.publish("opt-in");
	await alice.device.acceptTerms(2);
	await alice.device.decide([{ purpose: "friend_suggestions", granted: true }], NOTICE);
	await answered(2);
});

/** Until so many shares have arrived where they were to go. */
async function answered(count: number): Promise<void> {
	await until("the shares are answered", async () => {
		await town.door.tick();
		const { shares } = await alice.device.shares();
		return shares.length === count && shares.every(({ state }) => state === "shared");
	});
}

after(async () => {
	await town[Symbol.asyncDispose]();
});

afterEach(() => man.answers.clear());

const untrusted = (code: UntrustedCode) => (error: unknown) => error instanceof Untrusted && error.code === code;

/** The alarms of each share, as alice's device sees them through this lie. */
async function alarmsUnder(lie: (shares: Share[]) => Share[]): Promise<readonly (readonly ShareAlarm[])[]> {
	man.lie("ListShares", ListSharesResponseSchema, (answer) => {
		answer.shares = lie(answer.shares);
	});
	return (await alice.device.shares()).shares.map(({ alarms }) => alarms);
}

test("without a lie nothing is alarmed", async () => {
	assert.deepEqual(await alarmsUnder((shares) => shares), [[], []]);
});

test("a policy that is another one than its hash is not read, let alone accepted", async () => {
	let asked = 0;
	man.lie("GetTerms", GetTermsResponseSchema, ({ current }) => {
		asked++;
		if (current !== undefined) current.policy = replaced(current.policy, "Family", "Famine");
	});
	await assert.rejects(alice.device.terms(), untrusted("POLICY_HASH_WRONG"));
	await assert.rejects(alice.device.acceptTerms(2), untrusted("POLICY_HASH_WRONG"));
	const read = asked;
	await alice.device.decide([{ purpose: "relevant_ads", granted: false }], NOTICE);
	assert.equal(asked, read, "about the words that she verified before");
	await alice.close();
	await alice.comeBack();
	await assert.rejects(
		alice.device.decide([{ purpose: "relevant_ads", granted: true }], NOTICE),
		untrusted("POLICY_HASH_WRONG"),
	);
});

test("a policy with the right hash that nobody signed is not read", async () => {
	man.lie("GetTerms", GetTermsResponseSchema, ({ current }) => {
		if (current === undefined) return;
		current.policy = replaced(current.policy, "Family", "Famine");
		current.policyHash = sha256(current.policy);
	});
	await assert.rejects(alice.device.terms(), untrusted("POLICY_SIGNATURE_WRONG"));
});

test("other words than the policy's are not shown, though their own hash fits", async () => {
	man.lie("GetTerms", GetTermsResponseSchema, ({ current }) => {
		if (current === undefined) return;
		current.summary = ["We share nothing. Nothing changes. Please accept."];
		current.textHash = sha256(termsTextBytes(current));
	});
	await assert.rejects(alice.device.terms(), untrusted("TEXT_HASH_WRONG"));
});

test("an old version is not passed off as another one", async () => {
	man.lie("GetTerms", GetTermsResponseSchema, ({ current }) => {
		if (current !== undefined) current.version = 3;
	});
	await assert.rejects(alice.device.terms(), untrusted("POLICY_UNREADABLE"));
});

test("a policy signed by another key than at first sight is refused, the key with it", async () => {
	const mallory = await engine.generateSigningKeys();
	man.lie("GetServerInfo", GetServerInfoResponseSchema, (info) => {
		info.policyKey = mallory.publicKey;
	});
	await assert.rejects(alice.device.terms(), untrusted("POLICY_KEY_CHANGED"));
	await assert.rejects(alice.device.sharing(), untrusted("POLICY_KEY_CHANGED"));
	man.answers.clear();
	assert.equal((await alice.device.terms()).version, 2, "the first key is still the one");
});

test("another log, and another share key, are refused", async () => {
	man.lie("GetServerInfo", GetServerInfoResponseSchema, (info) => {
		const [first, second] = info.logs;
		if (first !== undefined && second !== undefined) first.vkey = second.vkey;
	});
	await assert.rejects(alice.device.shares(), untrusted("LOG_KEY_CHANGED"));
	man.answers.clear();
	man.lie("GetStanding", GetStandingResponseSchema, (answer) => {
		answer.shareKey = new Uint8Array(32).fill(1);
	});
	await assert.rejects(alice.device.shares(), untrusted("SHARE_KEY_CHANGED"));
});

test("a decision without the server's own receipt is said to have none", async () => {
	const mallory = await engine.generateSigningKeys();
	let forged = await signStatement(engine, mallory, LABELS.consentReceipt, new Uint8Array());
	man.lie("DecidePurposes", DecidePurposesResponseSchema, (answer) => {
		forged = { ...forged, statement: answer.receipt?.statement ?? new Uint8Array() };
		answer.receipt = forged;
	});
	await assert.rejects(
		alice.device.decide([{ purpose: "relevant_ads", granted: false }], NOTICE),
		untrusted("RECEIPT_WRONG"),
	);
	assert.equal((await alice.device.receipts()).at(-1)?.recordedAtMs, undefined);
});

test("a share that is left out is a hole", async () => {
	assert.deepEqual(await alarmsUnder((shares) => shares.slice(1)), [[]]);
	assert.deepEqual((await alice.device.shares()).holes, [1]);
});

test("a share under another number, or told twice, is out of place", async () => {
	const moved = await alarmsUnder((shares) => shares.map((share) => ({ ...share, n: share.n + 1 })));
	assert.deepEqual(moved, [["chain"], ["chain"]]);
	assert.deepEqual((await alice.device.shares()).holes, [1]);
	const twice = await alarmsUnder((shares) => [...shares.slice(0, 1), ...shares]);
	assert.deepEqual(twice, [[], ["place"], []]);
});

test("another chain value, salt or record does not verify", async () => {
	for (const part of ["chain", "salt", "record", "context"] as const) {
		const alarms = await alarmsUnder((shares) =>
			shares.map((share) => {
				if (share.share !== undefined) share.share[part] = flipped(share.share[part]);
				return share;
			}),
		);
		for (const one of alarms) assert.ok(one.includes("proof"), part);
		if (part === "chain" || part === "salt") for (const one of alarms) assert.ok(one.includes("chain"), part);
	}
});

test("what left without a witness having seen it does not verify", async () => {
	const alarms = await alarmsUnder((shares) =>
		shares.map((share) => {
			if (share.share === undefined) return share;
			const lines = new TextDecoder().decode(share.share.proof).split("\n");
			const proof = lines.filter((line) => !line.startsWith("— witness.example")).join("\n");
			share.share.proof = new TextEncoder().encode(proof);
			return share;
		}),
	);
	for (const one of alarms) assert.ok(one.includes("proof"));
	const [first] = (await alice.device.shares()).shares;
	assert.deepEqual(first?.proof, { verified: false, reason: "QUORUM_MISSING" });
});

test("a receipt of another share, or none, is no receipt", async () => {
	await alice.device.decide([{ purpose: "relevant_ads", granted: true }], NOTICE);
	await answered(3);
	assert.deepEqual(
		(await alice.device.shares()).shares.map(({ recipient }) => recipient),
		["family", "photos", "family"],
	);
	const turned = (by: number) =>
		alarmsUnder((shares) =>
			shares.map((share, at) => {
				const receipt = shares[(at + by) % shares.length]?.receipt;
				return { ...share, ...(receipt !== undefined && { receipt }) };
			}),
		);
	// Turned by one, the first has photos' receipt; by two, that of the other share at family.
	assert.deepEqual(await turned(1), [["receipt"], ["receipt"], ["receipt"]]);
	assert.deepEqual(await turned(2), [["receipt"], ["receipt"], ["receipt"]]);
	const without = await alarmsUnder((shares) =>
		shares.map((share) => {
			delete share.receipt?.receipt;
			return share;
		}),
	);
	assert.deepEqual(without, [["receipt"], ["receipt"], ["receipt"]]);
});

test("a share without a yes of mine is an alarm, however well it is proven", async () => {
	await alice.close();
	// The device that signed the yes is another one now: this one has everything but the decision.
	for (const key of [...alice.data.keys()]) if (key.startsWith("decision/")) alice.data.delete(key);
	await alice.comeBack();
	assert.deepEqual(await alarmsUnder((shares) => shares), [["not-mine"], ["not-mine"], ["not-mine"]]);
});

test("a yes that is known here is taken back whatever the server does not answer", async () => {
	await alice.device.terms();
	const { choices } = await alice.device.sharing();
	assert.equal(choices.find(({ purpose }) => purpose === "friend_suggestions")?.state, "granted");
	for (const method of ["GetServerInfo", "GetStanding", "GetTerms"]) man.cut.add(method);
	const after = await alice.device.decide([{ purpose: "friend_suggestions", granted: false }], NOTICE);
	man.cut.clear();
	assert.equal(after.choices.find(({ purpose }) => purpose === "friend_suggestions")?.state, "withdrawn");
	assert.deepEqual((await alice.device.sharing()).choices, after.choices);
});

/** The same bytes with one word for another. */
function replaced(bytes: Uint8Array, word: string, by: string): Uint8Array<ArrayBuffer> {
	return new TextEncoder().encode(new TextDecoder().decode(bytes).replaceAll(word, by));
}

function flipped(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
	const copy = Uint8Array.from(bytes);
	copy[copy.length - 3] = (copy.at(-3) ?? 0) ^ 1;
	return copy;
}
