/** The other side, for tests: people on the messenger, their consents, a real share log, and the bridge that delivers. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import {
	type ConsentGrant,
	ConsentGrantSchema,
	canonicalJson,
	type DeliverResponse,
	fromHex,
	IntakeService,
	ItemOutcome,
	type ItemReceipt,
	type Json,
	LABELS,
	type Label,
	type ListLabelsResponse,
	type PolicyFile,
	purposeBytes,
	signedBytes,
	toHex,
} from "@troth/protocol";
import type { ManualClock } from "@troth/protocol/_manual-clock.ts";
import {
	commitment,
	contextOf,
	ed25519NoteSigner,
	type LogTrust,
	leafOf,
	linkOf,
	openShareProof,
	type ShareProofFields,
	type ShareRecord,
	saltOf,
	shareRecordBytes,
	subjectAt,
} from "@troth/transparency";
import { TileLog } from "@troth/transparency/log/tile-log.node.ts";

export interface TestItem {
	readonly share: ShareProofFields | undefined;
	readonly grant: TestSigned | undefined;
	readonly values: readonly { readonly field: string; readonly value: string }[];
}

interface TestSigned {
	readonly statement: Uint8Array;
	readonly signature: Uint8Array;
}

export interface TestPolicy {
	readonly policy: Uint8Array;
	readonly signature: Uint8Array;
}

export interface TestKey {
	readonly publicKey: Uint8Array;
	sign(label: Label, statement: Uint8Array): Uint8Array;
}

export function newKey(): TestKey {
	const { publicKey, privateKey } = generateKeyPairSync("ed25519");
	return {
		publicKey: rawKey(publicKey),
		sign: (label, statement) => new Uint8Array(sign(null, signedBytes(label, statement), privateKey)),
	};
}

function rawKey(key: KeyObject): Uint8Array {
	return new Uint8Array(Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url"));
}

/** Somebody on the messenger. */
export interface Trother {
	readonly shareKey: Uint8Array;
	readonly consentKey: TestKey;
	/** Records in the chain so far. */
	n: number;
}

export function newTrother(): Trother {
	return { shareKey: randomBytes(32), consentKey: newKey(), n: 0 };
}

/** One share or recall; what is left out is as it should be. */
export interface TestShare {
	readonly purpose: "friend_suggestions" | "relevant_ads" | "account_linking";
	readonly values?: Readonly<Record<string, string>>;
	readonly generation?: number;
	/** Under which policy; record and grant follow it. */
	readonly policy?: PolicyFile;
	/** Changes of the record, before it is put into the log. */
	readonly record?: Partial<ShareRecord>;
	/** Changes of the grant, before it is signed. */
	readonly grant?: Partial<Omit<ConsentGrant, "$typeName" | "$unknown" | "link">>;
	/** Who signs the grant. */
	readonly consentKey?: TestKey;
}

export interface TestWord {
	readonly kind?: "share" | "recall";
	readonly purpose: string;
	/** 32 hex digits. */
	readonly subject: string;
	readonly values?: Readonly<Record<string, string>>;
	readonly generation?: number;
	readonly policy: PolicyFile;
	/** There should be none. */
	readonly grant?: TestSigned;
}

export const POLICY: PolicyFile = {
	version: 2,
	model: "opt_in",
	referenceLocale: "en",
	recipients: [
		{ id: "family", name: "Family", role: "controller", contact: "privacy@family.example" },
		{ id: "photos", name: "Photos", role: "controller", contact: "privacy@photos.example" },
	],
	purposes: [
		{
			id: "friend_suggestions",
			basis: "consent",
			fields: ["phone_number"],
			recipients: ["family", "photos"],
			retentionDays: 365,
			initial: "off",
			objection: false,
		},
		{
			id: "relevant_ads",
			basis: "consent",
			fields: ["phone_number", "device_type", "os"],
			recipients: ["family"],
			retentionDays: 180,
			initial: "off",
			objection: false,
		},
		{
			id: "account_linking",
			basis: "consent",
			fields: ["link_assertion", "device_type", "os", "app_version"],
			recipients: ["family"],
			retentionDays: 365,
			initial: "off",
			objection: false,
		},
	],
	locales: {
		en: {
			summary: ["Nothing without your yes."],
			documents: [{ id: "terms", title: "Terms", body: "Terms" }],
			purposes: {
				friend_suggestions: { title: "Suggest friends", body: "Your number goes to Family." },
				relevant_ads: { title: "Relevant ads", body: "Your number goes to Family." },
				account_linking: { title: "Connect accounts", body: "A nonce goes to Family." },
			},
		},
	},
};

export class TestBridge implements AsyncDisposable {
	readonly recipient: string;
	readonly #clock: ManualClock;
	readonly #directory: string;
	readonly #log: TileLog;
	readonly #logVkey: string;
	readonly #policyKey = newKey();
	#deliver: ((items: readonly TestItem[], policies: readonly TestPolicy[]) => Promise<DeliverResponse>) | undefined;
	#labels: ((knownVersion: number) => Promise<ListLabelsResponse>) | undefined;
	#receipts: LogTrust | undefined;

	private constructor(clock: ManualClock, recipient: string, directory: string, log: TileLog, logVkey: string) {
		this.#clock = clock;
		this.recipient = recipient;
		this.#directory = directory;
		this.#log = log;
		this.#logVkey = logVkey;
	}

	static async open(clock: ManualClock, recipient: string): Promise<TestBridge> {
		const directory = await mkdtemp(join(tmpdir(), "troth-share-log-test-"));
		const signer = ed25519NoteSigner("test.example/shares", randomBytes(32));
		const log = await TileLog.open({ directory, signer, witnesses: [], quorum: 0, clock });
		return new TestBridge(clock, recipient, directory, log, signer.vkey);
	}

	get policyKey(): Uint8Array {
		return this.#policyKey.publicKey;
	}

	trust(quorum: number): LogTrust {
		return { log: this.#logVkey, witnesses: [], quorum };
	}

	reach(url: string, token: string, receiptsVkey: string): void {
		const transport = createConnectTransport({
			baseUrl: url,
			httpVersion: "1.1",
			interceptors: [
				(next) => (request) => {
					request.header.set("authorization", `Bearer ${token}`);
					return next(request);
				},
			],
		});
		const client = createClient(IntakeService, transport);
		this.#deliver = (items, policies) =>
			client.deliver({
				items: items.map(({ share, grant, values }) => ({
					...(share !== undefined && { share }),
					...(grant !== undefined && { grant }),
					values: [...values],
				})),
				policies: [...policies],
			});
		this.#labels = (knownVersion) => client.listLabels({ knownVersion });
		this.#receipts = { log: receiptsVkey, witnesses: [], quorum: 0 };
	}

	/** What the company gives back, and whether its log proves each. */
	async labels(knownVersion = 0) {
		const trust = this.#receipts;
		const answer = await this.#labels?.(knownVersion);
		return {
			version: answer?.version ?? 0,
			labels: (answer?.labels ?? []).map(({ subject, label, proof }) => {
				const proved =
					proof !== undefined && trust !== undefined && openShareProof(proof, trust).record.subject === toHex(subject);
				return { subject: toHex(subject), label, proved };
			}),
		};
	}

	/** Puts a share into the log and packs it. */
	share(trother: Trother, share: TestShare): Promise<TestItem> {
		const { purpose, values = {}, generation = 1, policy = POLICY } = share;
		const purposeHash = sha256(purposeBytes(policy, purpose));
		const key = share.consentKey ?? trother.consentKey;
		const grant = toBinary(
			ConsentGrantSchema,
			create(ConsentGrantSchema, {
				recipient: this.recipient,
				subject: subjectAt(trother.shareKey, this.recipient),
				purpose,
				purposeHash,
				generation,
				decidedAtMs: BigInt(this.#clock.now()),
				consentKey: key.publicKey,
				...(values["link_assertion"] !== undefined && {
					link: {
						nonce: fromHex(values["link_assertion"]) ?? new Uint8Array(),
						deviceType: values["device_type"] ?? "",
						os: values["os"] ?? "",
						appVersion: values["app_version"] ?? "",
					},
				}),
				...share.grant,
			}),
		);
		const record = this.#record(trother, "share", purpose, generation, {
			fields: Object.keys(values).sort(),
			grant: toHex(sha256(grant)),
			policyHash: toHex(sha256(this.policy(policy).policy)),
			purposeHash: toHex(purposeHash),
			...share.record,
		});
		return this.log(trother, record, {
			grant: { statement: grant, signature: key.sign(LABELS.consentGrant, grant) },
			values: Object.entries(values).map(([field, value]) => ({ field, value })),
		});
	}

	/** The same of a purpose that asks nobody, said or recalled under a name that is given. */
	say(
		trother: Trother,
		{ kind = "share", purpose, subject, values = {}, generation = 1, policy, grant }: TestWord,
	): Promise<TestItem> {
		const record = this.#record(trother, kind, purpose, generation, {
			subject,
			fields: Object.keys(values).sort(),
			policyHash: toHex(sha256(this.policy(policy).policy)),
			purposeHash: toHex(sha256(purposeBytes(policy, purpose))),
		});
		return this.log(trother, record, {
			grant,
			values: Object.entries(values).map(([field, value]) => ({ field, value })),
		});
	}

	recall(trother: Trother, purpose: string, generation = 1): Promise<TestItem> {
		const record = this.#record(trother, "recall", purpose, generation, {});
		return this.log(trother, record, { grant: undefined, values: [] });
	}

	/** Appends a record to the share log; gives the item with its proof. */
	async log(trother: Trother, record: ShareRecord, rest: Omit<TestItem, "share">): Promise<TestItem> {
		const bytes = shareRecordBytes(record);
		const n = ++trother.n;
		const salt = saltOf(trother.shareKey, n);
		const chain = linkOf(trother.shareKey, n);
		const context = contextOf(fromHex(record.policyHash) ?? new Uint8Array(), record.t);
		const index = this.#log.size;
		this.#log.integrate(index, [leafOf(commitment(salt, bytes), chain, context)]);
		await this.#log.publish();
		const proof = this.#log.proofOf(index, { quorum: false }) ?? "";
		return {
			...rest,
			share: { record: bytes, salt, chain, context, proof: new TextEncoder().encode(proof) },
		};
	}

	/** A policy as its operator would publish it. */
	policy(file: PolicyFile = POLICY, key: TestKey = this.#policyKey): TestPolicy {
		const policy = new TextEncoder().encode(canonicalJson(file as unknown as Json));
		return { policy, signature: key.sign(LABELS.policy, policy) };
	}

	/** Delivers and gives the outcomes, the proofs of all receipts verified. Refusals are "refused: REASON". */
	async deliver(items: readonly TestItem[], policies: readonly TestPolicy[] = [this.policy()]): Promise<string[]> {
		const response = await this.#deliver?.(items, policies);
		return (response?.receipts ?? []).map((receipt) => this.#read(receipt));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#log[Symbol.asyncDispose]();
		await rm(this.#directory, { recursive: true });
	}

	#read({ outcome, reason, receipt }: ItemReceipt): string {
		if (outcome === ItemOutcome.REFUSED) return receipt === undefined ? `refused: ${reason}` : "refused and logged";
		if (receipt === undefined || this.#receipts === undefined) throw new Error("an outcome without a receipt");
		const { record } = openShareProof(receipt, this.#receipts);
		if (KINDS.get(outcome) !== record.kind) throw new Error("the receipt says something else");
		return record.kind;
	}

	#record(
		trother: Trother,
		kind: "share" | "recall",
		purpose: string,
		generation: number,
		changes: Partial<ShareRecord>,
	): ShareRecord {
		return {
			v: 1,
			kind,
			recipient: this.recipient,
			subject: toHex(subjectAt(trother.shareKey, this.recipient)),
			purpose,
			fields: [],
			policyHash: toHex(sha256(this.policy().policy)),
			purposeHash: changes.purposeHash ?? toHex(sha256(purposeBytes(POLICY, purpose))),
			generation,
			grant: "",
			t: this.#clock.now(),
			answers: "",
			...changes,
		};
	}
}

const KINDS: ReadonlyMap<ItemReceipt["outcome"], string> = new Map([
	[ItemOutcome.KEPT, "kept"],
	[ItemOutcome.DROPPED, "dropped"],
	[ItemOutcome.STALE, "stale"],
	[ItemOutcome.RECALLED, "recalled"],
]);

function sha256(bytes: Uint8Array): Uint8Array {
	return new Uint8Array(createHash("sha256").update(bytes).digest());
}
