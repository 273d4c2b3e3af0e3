/**
 * A person of the host, in one browser: reads terms, says yes and no, takes back, and verifies what was shared about
 * them. Nothing here needs a browser: pages show it, tests drive it.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import {
	type AbusePurpose,
	ConsentGrantSchema,
	ConsentReceiptSchema,
	fromHex,
	type GetServerInfoResponse,
	idBytes,
	LABELS,
	type Label,
	NoticeDisplayedSchema,
	type PolicyFile,
	Refusal,
	type Signed,
	SignedSchema,
	signedBytes,
	TermsAcceptanceSchema,
	toHex,
} from "@troth/protocol";
import { rememberCheckpoints, verifyEd25519 } from "@troth/transparency";
import { composeDecision, type DecisionInput } from "../consent/compose-decision.ts";
import { linkDecision } from "../consent/link-decision.ts";
import { viewStanding } from "../consent/standing.ts";
import type { LimitView } from "../device/limits-api.ts";
import type {
	Choice,
	PolicyLogView,
	PresentationView,
	SharesView,
	SharingView,
	TermsView,
} from "../device/sharing-api.ts";
import { logTrust, pinServer, type ServerTrust, SHARE_LOG } from "../identity/server-trust.ts";
import { Untrusted } from "../identity/untrusted.ts";
import { objectTo, readLimits } from "../limits/limits.ts";
import { foldShares } from "../shares/fold-shares.ts";
import { readToEnd } from "../shares/list-shares.ts";
import { judgeShare } from "../shares/verify-share.ts";
import type { GrantRecord, TrustRecord } from "../state/sharing-records.ts";
import { publicGet } from "../sync/get-public.ts";
import { createRpc, type Rpc } from "../sync/rpc.ts";
import { type PolicyLogReader, readPolicyLog } from "../terms/policy-log.ts";
import { checkTerms, type VerifiedTerms, viewTerms } from "../terms/read-terms.ts";
import { showTo } from "../terms/show-to.ts";
import { consentKeyOf, readCode, rootOf, SECRET_BYTES } from "./consent-secret.ts";
import type { BrowserKey, KeptForPerson } from "./keys.ts";
import { nameIn, type Opened, post, read, type Surroundings } from "./session.ts";

const NOTHING_YET: TrustRecord = { policyKey: undefined, shareKey: undefined, logs: {}, witnesses: [] };

export class EmbeddedPerson {
	readonly #around: Surroundings;
	readonly #rpc: Rpc;
	/** Whom the host speaks of, as this browser's memory calls them. */
	readonly #name: string;
	readonly #key: BrowserKey;
	#kept: KeptForPerson;
	#opened: Opened;
	#info: GetServerInfoResponse;

	private constructor(
		around: Surroundings,
		name: string,
		key: BrowserKey,
		kept: KeptForPerson,
		opened: Opened,
		rpc: Rpc,
		info: GetServerInfoResponse,
	) {
		this.#around = around;
		this.#name = name;
		this.#key = key;
		this.#kept = kept;
		this.#opened = opened;
		this.#rpc = rpc;
		this.#info = info;
	}

	/** Opens a session with the host's token. Rejects with a Refusal, or Untrusted where a pinned key changed. */
	static async open(around: Surroundings): Promise<EmbeddedPerson> {
		const token = await around.token();
		const name = nameIn(token);
		const key = await around.store.key(name);
		const kept = (await around.store.read(name)) ?? {
			...{ secret: toHex(around.random(SECRET_BYTES)), account: undefined, pins: undefined },
		};
		await around.store.write(name, kept);
		const opened = await post<Opened>(around, "/session", undefined, {
			token,
			publicKey: toHex(key.publicKey),
			root: rootOf(kept.secret),
		});
		let person: EmbeddedPerson | undefined;
		const rpc = createRpc({
			server: around.origin,
			fetch: around.fetch,
			// The session may have been opened anew by another call meanwhile.
			token: async (stale) =>
				person === undefined ? opened.session : stale === undefined ? person.#opened.session : person.#reopen(stale),
		});
		const info = await rpc.server.getServerInfo({});
		person = new EmbeddedPerson(around, name, key, kept, opened, rpc, info);
		await person.#keep({ ...kept, pins: pinServer(kept.pins ?? NOTHING_YET, info) });
		await person.#keepAccount();
		return person;
	}

	/** As the host said it, else what the browser prefers. */
	get locale(): string | undefined {
		return this.#opened.locale ?? undefined;
	}

	/** The host application's name. */
	get title(): string {
		return this.#info.name;
	}

	/** Can this browser sign a yes? Where not, another one of this person has the secret. */
	get canAllow(): boolean {
		return this.#opened.root === null || this.#opened.root === rootOf(this.#kept.secret);
	}

	/** The secret to carry to another browser; undefined where nothing was signed with it, or another browser signs. */
	get secret(): string | undefined {
		return this.#opened.root !== null && this.canAllow ? this.#kept.secret : undefined;
	}

	/** A version of the terms, 0 for the one in force. Throws Untrusted where anything about it does not verify. */
	async terms(locale: string, version = 0): Promise<TermsView & { readonly locale: string }> {
		const [terms, standing] = await Promise.all([this.#readTerms(locale, version), this.sharing()]);
		const view = viewTerms(terms, standing.acceptedVersion, await this.#askPolicyLog(terms));
		return { ...showTo(standing, terms.file, view), locale: terms.text.locale };
	}

	async sharing(): Promise<SharingView> {
		return (await this.#standing()).view;
	}

	/** Signs that the version in force was displayed. */
	async confirmNotice(locale: string): Promise<SharingView> {
		const { version, policyHash, textHash } = await this.#readTerms(locale, 0);
		const displayedAtMs = BigInt(this.#now());
		const statement = create(NoticeDisplayedSchema, { ...this.#ids, version, policyHash, textHash, displayedAtMs });
		const notice = await this.#sign(LABELS.noticeDisplayed, toBinary(NoticeDisplayedSchema, statement));
		const { standing } = await this.#rpc.sharing.confirmNotice({ notice });
		return viewStanding(this.#info, standing);
	}

	/**
	 * Signs the acceptance of the version in force. It decides nothing about sharing. Throws Untrusted where the public log
	 * of policies contradicts it.
	 */
	async accept(locale: string): Promise<void> {
		const terms = await this.#readTerms(locale, 0);
		const logged = await this.#askPolicyLog(terms);
		if (logged.kind === "contradicted")
			throw new Untrusted("POLICY_LOG_CONTRADICTS", `the public log of policies contradicts it (${logged.reason})`);
		const { version, policyHash, textHash } = terms;
		const acceptedAtMs = BigInt(this.#now());
		const statement = create(TermsAcceptanceSchema, { ...this.#ids, version, policyHash, textHash, acceptedAtMs });
		const acceptance = await this.#sign(LABELS.termsAcceptance, toBinary(TermsAcceptanceSchema, statement));
		await this.#rpc.terms.acceptTerms({ acceptance });
	}

	/**
	 * Signs a decision about the accepted version, and a grant for each recipient of each yes. A no needs nothing but this
	 * browser's own key. Rejects with FORBIDDEN where another browser has the secret, and as `SharingDevice.decide`.
	 */
	async decide(
		locale: string,
		decisions: readonly Choice[],
		presentation: PresentationView,
		link?: DecisionInput["link"],
	): Promise<SharingView> {
		const { view, shareKey } = await this.#standing();
		if (view.acceptedVersion === 0) throw new Refusal("TERMS_NOT_ACCEPTED", "no terms are accepted yet");
		const { secret } = this.#kept;
		const { statement, grants } = composeDecision({
			account: this.#opened.account,
			device: this.#opened.device,
			terms: await this.#readTerms(locale, view.acceptedVersion),
			decisions,
			presentation,
			decidedAtMs: this.#now(),
			generationOf: (purpose) => view.choices.find((choice) => choice.purpose === purpose)?.generation ?? 0,
			shareKey,
			keyFor: (recipient) => consentKeyOf(secret, recipient),
			...(link !== undefined && { link }),
		});
		if (grants.length > 0 && !this.canAllow)
			throw new Refusal("FORBIDDEN", "another browser of this person signs their yes");
		const decision = await this.#sign(LABELS.consentDecision, statement);
		const answer = await this.#rpc.sharing.decidePurposes({ decision, grants: grants.map(({ signed }) => signed) });
		this.#checkReceipt(statement, answer.receipt);
		if (grants.length > 0) this.#opened = { ...this.#opened, root: rootOf(secret) };
		return viewStanding(this.#info, answer.standing);
	}

	/** Hands a recipient's nonce back to it, signed (C4). Rejects with MALFORMED where it is none, and as `decide`. */
	async link(locale: string, nonce: string, recipient: string): Promise<SharingView> {
		const { decisions, presentation, link } = linkDecision(nonce, recipient, this.#around.facts);
		return this.decide(locale, decisions, presentation, link);
	}

	/** Everything the log holds about this person, each entry opened and verified here, and that no other follows. */
	async shares(locale: string): Promise<SharesView> {
		const { shareKey } = await this.#standing();
		const { shares, end } = await readToEnd({ ...this.#reader, rpc: this.#rpc }, this.#trust, shareKey);
		const policies = new Map<string, PolicyFile>();
		if (shares.length > 0)
			for (let version = (await this.#readTerms(locale, 0)).version; version >= 1; version--) {
				const terms = await this.#readTerms(locale, version).catch(whereUnknown);
				if (terms !== undefined) policies.set(toHex(terms.policyHash), terms.file);
			}
		const grants = new Map((await this.#readGrants()).map((grant) => [grant.hash, grant]));
		const policy = (hash: string) => policies.get(hash);
		const { pins } = this.#trust;
		const evidence = {
			shareKey,
			shareLog: SHARE_LOG,
			trustIn: (log: string) => logTrust(pins, log),
			openCheckpoint: rememberCheckpoints(),
			grant: (hash: string) => grants.get(hash),
			policy,
		};
		const judged = shares.map((share) => judgeShare(share, evidence));
		return { ...foldShares(judged, { policy, event: () => undefined, nowMs: this.#now() }), end };
	}

	/** What the host says of this person without asking them, and whom it limits for it. Rejects with UNAVAILABLE. */
	labels(): Promise<readonly LimitView[]> {
		return readLimits({ rpc: this.#rpc });
	}

	/** Nobody is told of this label until the host has looked at it. Rejects with NOT_FOUND, FORBIDDEN, UNAVAILABLE. */
	objectTo(purpose: AbusePurpose): Promise<readonly LimitView[]> {
		return objectTo({ rpc: this.#rpc }, purpose);
	}

	/** Takes over the secret that another browser showed. False where the code is none, or is not this person's. */
	async carryOver(code: string): Promise<boolean> {
		const secret = readCode(code);
		if (secret === undefined || rootOf(secret) !== this.#opened.root) return false;
		await this.#keep({ ...this.#kept, secret });
		await this.#reopen(this.#opened.session);
		return true;
	}

	/** No browser is left that could sign: everything is taken back, and the person begins as somebody new. */
	async beginAnew(): Promise<void> {
		this.#opened = await post<Opened>(this.#around, "/anew", this.#opened.session, {});
		await this.#keepAccount();
	}

	get #ids() {
		return { accountId: idBytes(this.#opened.account), deviceId: idBytes(this.#opened.device) };
	}

	/** What logs are read with. */
	get #reader() {
		const { fetch, random } = this.#around;
		return { getPublic: publicGet(fetch), random, serverNow: () => this.#now() };
	}

	get #trust(): ServerTrust {
		return { info: this.#info, pins: this.#kept.pins ?? NOTHING_YET };
	}

	#askPolicyLog({ version, policyHash }: VerifiedTerms): Promise<PolicyLogView> {
		const changePins: PolicyLogReader["changePins"] = (change) =>
			this.#keep({ ...this.#kept, pins: change(this.#trust.pins) });
		return readPolicyLog({ ...this.#reader, trust: this.#trust, changePins }, version, policyHash);
	}

	/** By the service's clock, as it said it at the beginning: the browser's may be wrong by years. */
	#now(): number {
		return Number(this.#info.serverTimeMs);
	}

	async #reopen(stale: string): Promise<string> {
		if (this.#opened.session !== stale) return this.#opened.session;
		const token = await this.#around.token();
		if (nameIn(token) !== this.#name) throw new Refusal("UNAUTHENTICATED", "somebody else is logged in by now");
		this.#opened = await post<Opened>(this.#around, "/session", undefined, {
			token,
			publicKey: toHex(this.#key.publicKey),
			root: rootOf(this.#kept.secret),
		});
		await this.#keepAccount();
		return this.#opened.session;
	}

	/** Somebody new has a share key of their own, and has allowed nothing yet. */
	async #keepAccount(): Promise<void> {
		const { account } = this.#opened;
		const { pins } = this.#kept;
		if (this.#kept.account === account) return;
		await this.#keep({ ...this.#kept, account, pins: pins && { ...pins, shareKey: undefined } });
	}

	async #keep(kept: KeptForPerson): Promise<void> {
		this.#kept = kept;
		await this.#around.store.write(this.#name, kept);
	}

	async #sign(label: Label, statement: Uint8Array): Promise<Signed> {
		const signature = await this.#key.sign(signedBytes(label, statement));
		return create(SignedSchema, { statement, signature });
	}

	async #standing() {
		const [info, { standing, shareKey }] = await Promise.all([
			this.#rpc.server.getServerInfo({}),
			this.#rpc.sharing.getStanding({}),
		]);
		this.#info = info;
		const pins = pinServer(this.#kept.pins ?? NOTHING_YET, info);
		const pinned = pins.shareKey ?? toHex(shareKey);
		if (pinned !== toHex(shareKey))
			throw new Untrusted("SHARE_KEY_CHANGED", "the service gave another share key than before");
		if (pins !== this.#kept.pins || pins.shareKey === undefined)
			await this.#keep({ ...this.#kept, pins: { ...pins, shareKey: pinned } });
		return { view: viewStanding(info, standing), shareKey };
	}

	async #readTerms(locale: string, version: number): Promise<VerifiedTerms> {
		const { current } = await this.#rpc.terms.getTerms({ locale, version });
		if (current === undefined) throw new Refusal("TERMS_VERSION_UNKNOWN", "there are no such terms");
		const bytes = signedBytes(LABELS.policy, current.policy);
		return checkTerms(current, version, verifyEd25519(this.#policyKey, bytes, current.policySignature));
	}

	get #policyKey(): Uint8Array {
		return fromHex(this.#kept.pins?.policyKey ?? "") ?? new Uint8Array();
	}

	#checkReceipt(decision: Uint8Array, receipt: Signed | undefined): void {
		const bytes = receipt && signedBytes(LABELS.consentReceipt, receipt.statement);
		const trusted = receipt && bytes && verifyEd25519(this.#policyKey, bytes, receipt.signature);
		if (trusted !== true || !saysHash(receipt, sha256(decision)))
			throw new Untrusted("RECEIPT_WRONG", "the service's receipt does not belong to this decision");
	}

	/**
	 * Every yes that was given here, in whichever browser: the service keeps them, and who has the secret sees that it was
	 * signed with it. What does not verify is left out, and a share under it looks like what it is.
	 */
	async #readGrants(): Promise<readonly GrantRecord[]> {
		const { grants } = await read<{ readonly grants: readonly Omit<GrantRecord, "hash">[] }>(
			this.#around,
			"/grants",
			this.#opened.session,
		);
		return grants.flatMap((grant) => {
			const [statement, signature] = [fromHex(grant.statement), fromHex(grant.signature)];
			if (statement === undefined || signature === undefined) return [];
			const { publicKey } = consentKeyOf(this.#kept.secret, grant.recipient);
			const mine = verifyEd25519(publicKey, signedBytes(LABELS.consentGrant, statement), signature);
			const said = mine ? fromBinary(ConsentGrantSchema, statement) : undefined;
			if (said === undefined) return [];
			const { recipient, purpose, generation } = said;
			return [{ ...grant, recipient, purpose, generation, hash: toHex(sha256(statement)) }];
		});
	}
}

function saysHash(receipt: Signed, hash: Uint8Array): boolean {
	return toHex(fromBinary(ConsentReceiptSchema, receipt.statement).decisionHash) === toHex(hash);
}

function whereUnknown(error: unknown): undefined {
	if (error instanceof Refusal && error.code === "TERMS_VERSION_UNKNOWN") return undefined;
	throw error;
}
