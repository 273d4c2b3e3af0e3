/**
 * The smallest honest recipient: verifies what comes as any would have to, keeps the number where it knows it, holds the
 * fence against late shares, and answers with receipts from a log of its own. Over real HTTP, on one port all its life.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { create, fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import {
	type Clock,
	ConsentGrantSchema,
	type DeliverRequest,
	DeliverResponseSchema,
	IntakeService,
	ItemOutcome,
	type ItemReceipt,
	ItemReceiptSchema,
	isResidual,
	LABELS,
	ListLabelsResponseSchema,
	type ReturnedLabel,
	ReturnedLabelSchema,
	type SharedItem,
	ShareProofSchema,
	signedBytes,
	toHex,
} from "@troth/protocol";
import {
	commitment,
	contextOf,
	ed25519NoteSigner,
	type LogTrust,
	leafOf,
	openShareProof,
	ProofError,
	readShareRecord,
	type ShareRecord,
	shareRecordBytes,
	verifyEd25519,
} from "@troth/transparency";
import { readLogFile, TileLog } from "@troth/transparency/log/tile-log.node.ts";
import { parsePolicy } from "../policy/policy.ts";

export interface RecipientOptions {
	readonly id: string;
	readonly directory: string;
	readonly clock: Clock;
	readonly token: string;
	readonly policyKey: Uint8Array;
	readonly shareLog: LogTrust;
	/** Numbers that accounts here have verified. */
	readonly members: ReadonlySet<string>;
}

/** What a recipient did with one item, in the order in which it came. */
export interface Taken {
	readonly kind: "share" | "recall";
	readonly purpose: string;
	readonly generation: number;
	readonly outcome: "kept" | "dropped" | "stale" | "recalled" | "refused";
	readonly reason?: string;
	readonly values: Readonly<Record<string, string>>;
	readonly item: SharedItem;
}

type Kind = Exclude<Taken["outcome"], "refused">;

const OUTCOMES = {
	kept: ItemOutcome.KEPT,
	dropped: ItemOutcome.DROPPED,
	stale: ItemOutcome.STALE,
	recalled: ItemOutcome.RECALLED,
} as const;

class Unacceptable extends Error {}

export class TestRecipient implements AsyncDisposable {
	readonly #options: RecipientOptions;
	readonly #log: TileLog;
	readonly vkey: string;
	/** Everything that ever came. */
	readonly taken: Taken[] = [];
	/** What is kept now, by subject and purpose. */
	readonly kept = new Map<string, Readonly<Record<string, string>>>();
	/** Requests, with the number of items of each. */
	readonly requests: number[] = [];
	/** What it says of numbers now. */
	returned: { readonly version: number; readonly labels: readonly ReturnedLabel[] } = { version: 1, labels: [] };
	/** Changes an answer before it is sent: for a recipient that is not honest. */
	tamper: ((answer: ItemReceipt, item: SharedItem) => ItemReceipt) | undefined;
	/** Called before anything of a request is looked at. */
	before: (() => Promise<void>) | undefined;
	/** The fence: the last generation that was recalled, by subject and purpose. */
	readonly recalledUpTo = new Map<string, number>();
	readonly #consentKeys = new Map<string, string>();
	#server: Server | undefined;
	#port = 0;

	private constructor(options: RecipientOptions, log: TileLog, vkey: string) {
		this.#options = options;
		this.#log = log;
		this.vkey = vkey;
	}

	static async start(options: RecipientOptions): Promise<TestRecipient> {
		const signer = ed25519NoteSigner(`${options.id}.example/receipts`, randomBytes(32));
		const directory = join(options.directory, options.id);
		const log = await TileLog.open({ directory, signer, witnesses: [], quorum: 0, clock: options.clock });
		if (log.checkpoint === undefined) await log.publish();
		const recipient = new TestRecipient(options, log, signer.vkey);
		await recipient.comeBack();
		return recipient;
	}

	get url(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	/** Stops to answer. */
	async goAway(): Promise<void> {
		const server = this.#server;
		if (server === undefined) return;
		this.#server = undefined;
		const closed = once(server, "close");
		server.close();
		server.closeAllConnections();
		await closed;
	}

	/** Answers again, where it did before. */
	async comeBack(): Promise<void> {
		const handle = connectNodeAdapter({
			routes: (router) =>
				router.service(IntakeService, {
					deliver: async (request, { requestHeader }) => {
						if (!this.#isBridge(requestHeader.get("authorization"))) throw new ConnectError("", Code.Unauthenticated);
						await this.before?.();
						return create(DeliverResponseSchema, { receipts: await this.#takeAll(request) });
					},
					listLabels: ({ knownVersion }) => {
						const { version, labels } = this.returned;
						return create(ListLabelsResponseSchema, { version, labels: version === knownVersion ? [] : [...labels] });
					},
				}),
		});
		const files = join(this.#options.directory, this.#options.id);
		const server = createServer(async (request, response) => {
			if (request.method !== "GET") return handle(request, response);
			// Its own log, for whoever wants to read it; empty at first.
			const file = await readLogFile(files, request.url ?? "/");
			response.writeHead(file === undefined ? 404 : 200, { ...file?.headers, "access-control-allow-origin": "*" });
			response.end(file?.body);
		});
		server.listen(this.#port, "127.0.0.1");
		await once(server, "listening");
		this.#port = (server.address() as AddressInfo).port;
		this.#server = server;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.goAway();
		await this.#log[Symbol.asyncDispose]();
	}

	/** A label about the number of this name, with the leaf that says so. */
	async label(subject: Uint8Array, label: string, change: Partial<ShareRecord> = {}): Promise<ReturnedLabel> {
		const { clock } = this.#options;
		const record = shareRecordBytes({
			...{ v: 1, kind: "share", recipient: "messenger", subject: toHex(subject), purpose: "spam_and_abuse" },
			...{ fields: ["label", "score_class"], policyHash: "0".repeat(64), purposeHash: "0".repeat(64) },
			...{ generation: clock.now(), grant: "", t: clock.now(), answers: "" },
			...change,
		});
		const [salt, chain, context] = [randomBytes(32), randomBytes(32), randomBytes(32)];
		const index = this.#log.size;
		this.#log.integrate(index, [leafOf(commitment(salt, record), chain, context)]);
		await this.#log.publish();
		const proof = Buffer.from(this.#log.proofOf(index, { quorum: false }) ?? "");
		return create(ReturnedLabelSchema, {
			...{ subject, label, scoreClass: "low", proof: { record, salt, chain, context, proof } },
			...{ sinceMs: BigInt(clock.now()), untilMs: BigInt(clock.now() + 86_400_000) },
		});
	}

	#isBridge(header: string | null): boolean {
		const digest = (text: string) => createHash("sha256").update(text).digest();
		return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${this.#options.token}`));
	}

	async #takeAll(request: DeliverRequest): Promise<ItemReceipt[]> {
		this.requests.push(request.items.length);
		const policies = new Map(
			request.policies
				.filter(({ policy, signature }) =>
					verifyEd25519(this.#options.policyKey, signedBytes(LABELS.policy, policy), signature),
				)
				.map(({ policy }) => parsePolicy(new TextDecoder().decode(policy)))
				.map((policy) => [toHex(policy.hash), policy] as const),
		);
		const leaves: Uint8Array[] = [];
		const answers = request.items.map((item) => {
			try {
				return { item, ...this.#take(item, policies, leaves) };
			} catch (error) {
				if (!(error instanceof Unacceptable || error instanceof ProofError)) throw error;
				const reason = error instanceof ProofError ? error.code : error.message;
				this.taken.push({ kind: "share", purpose: "", generation: 0, outcome: "refused", reason, values: {}, item });
				return { item, refused: reason };
			}
		});
		const first = this.#log.size;
		this.#log.integrate(first, leaves);
		if (leaves.length > 0) await this.#log.publish();
		let index = first;
		return answers.map((answer) => {
			const honest =
				"refused" in answer
					? create(ItemReceiptSchema, { outcome: ItemOutcome.REFUSED, reason: answer.refused })
					: create(ItemReceiptSchema, {
							outcome: OUTCOMES[answer.outcome],
							receipt: create(ShareProofSchema, {
								...answer.opened,
								proof: Buffer.from(this.#log.proofOf(index++, { quorum: false }) ?? ""),
							}),
						});
			return this.tamper?.(honest, answer.item) ?? honest;
		});
	}

	#take(item: SharedItem, policies: ReadonlyMap<string, ReturnType<typeof parsePolicy>>, leaves: Uint8Array[]) {
		const { id, shareLog, clock } = this.#options;
		const { share } = item;
		if (share === undefined) throw new Unacceptable("no proof");
		const { record, leafHash } = this.#open(share, shareLog);
		if (record.recipient !== id) throw new Unacceptable("for somebody else");
		const policy = policies.get(record.policyHash);
		const purpose = policy?.purposes.get(record.purpose);
		if (record.kind === "share") this.#checkShare(item, record, purpose);
		const answers = toHex(leafHash);
		const outcome = this.#act(item, record);
		const receipt: ShareRecord = { ...record, kind: outcome, fields: [], grant: "", t: clock.now(), answers };
		const opened = {
			record: shareRecordBytes(receipt),
			salt: randomBytes(32),
			chain: randomBytes(32),
			context: contextOf(Buffer.from(record.policyHash, "hex"), clock.now()),
		};
		leaves.push(leafOf(commitment(opened.salt, opened.record), opened.chain, opened.context));
		const values = Object.fromEntries(item.values.map(({ field, value }) => [field, value]));
		const { kind, generation } = record;
		this.taken.push({ kind: kind as Taken["kind"], purpose: record.purpose, generation, outcome, values, item });
		return { outcome, opened };
	}

	/** Recalls count without witnesses, shares do not (ADR 0006). */
	#open(share: NonNullable<SharedItem["share"]>, trust: LogTrust) {
		const quorum = readShareRecord(share.record)?.kind === "recall" ? 0 : trust.quorum;
		return openShareProof(share, { ...trust, quorum });
	}

	#checkShare(
		{ grant, values }: SharedItem,
		record: ShareRecord,
		purpose:
			| { readonly hash: string; readonly recipientSet: ReadonlySet<string>; readonly fieldSet: ReadonlySet<string> }
			| undefined,
	): void {
		if (purpose?.hash !== record.purposeHash || !purpose.recipientSet.has(record.recipient))
			throw new Unacceptable("the policy does not say so");
		const fields = values.map(({ field }) => field);
		if (fields.toSorted().join() !== record.fields.join() || !fields.every((field) => purpose.fieldSet.has(field)))
			throw new Unacceptable("other fields than recorded");
		if (isResidual(record.purpose)) {
			if (grant !== undefined || record.grant !== "") throw new Unacceptable("a yes that nobody asked for");
			return;
		}
		if (grant === undefined || createHash("sha256").update(grant.statement).digest("hex") !== record.grant)
			throw new Unacceptable("not the grant of the record");
		const said = fromBinary(ConsentGrantSchema, grant.statement);
		const pinned = this.#consentKeys.get(record.subject) ?? toHex(said.consentKey);
		const same =
			said.recipient === record.recipient &&
			toHex(said.subject) === record.subject &&
			said.purpose === record.purpose &&
			toHex(said.purposeHash) === record.purposeHash &&
			said.generation === record.generation &&
			toHex(said.consentKey) === pinned;
		if (!same || !verifyEd25519(said.consentKey, signedBytes(LABELS.consentGrant, grant.statement), grant.signature))
			throw new Unacceptable("the grant does not hold");
		this.#consentKeys.set(record.subject, pinned);
	}

	#act({ values }: SharedItem, { kind, subject, purpose, generation }: ShareRecord): Kind {
		const about = `${subject}/${purpose}`;
		const recalledUpTo = this.recalledUpTo.get(about) ?? 0;
		if (kind === "recall") {
			this.recalledUpTo.set(about, Math.max(recalledUpTo, generation));
			this.kept.delete(about);
			return "recalled";
		}
		if (generation <= recalledUpTo) return "stale";
		const number = values.find(({ field }) => field === "phone_number")?.value;
		if (number !== undefined && !this.#options.members.has(number)) return "dropped";
		this.kept.set(about, Object.fromEntries(values.map(({ field, value }) => [field, value])));
		return "kept";
	}
}
