/** People who are shown terms, accept them and decide about sharing, with real signatures; for tests. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Policy, parsePolicy, shippedPolicyPath } from "@troth/bridge";
import {
	type Clock,
	ConsentDecisionSchema,
	ConsentGrantSchema,
	type DecidePurposesRequestSchema,
	idBytes,
	LABELS,
	NoticeDisplayedSchema,
	type PresentationSchema,
	SharingService,
	type Signed,
	type Standing,
	StandingSchema,
	TermsAcceptanceSchema,
	TermsService,
} from "@troth/protocol";
import { subjectAt } from "@troth/transparency";
import { logIn, registerAccount, type TestAccount, type TestMessenger } from "../_fixture.ts";
import { newSigner, type Signer, signStatement, type TestDevice } from "../_identities.ts";

export const DAY_MS = 24 * 3600 * 1000;
export const OPERATOR = "operator-token";
export const OPT_IN = fileURLToPath(shippedPolicyPath("opt-in"));

/** One device of a person, with all it signs about terms and sharing. */
export class Decider {
	readonly messenger: TestMessenger<Clock>;
	readonly account: TestAccount["account"];
	readonly device: TestDevice;
	#token: string;
	/** By recipient; the same on all devices of the account. */
	readonly consentKeys: Map<string, Signer>;

	constructor(
		messenger: TestMessenger<Clock>,
		account: TestAccount["account"],
		device: TestDevice,
		token: string,
		consentKeys = new Map<string, Signer>(),
	) {
		this.messenger = messenger;
		this.account = account;
		this.device = device;
		this.#token = token;
		this.consentKeys = consentKeys;
	}

	/** The session token in use. */
	get token(): string {
		return this.#token;
	}

	/** Sessions end while the clock is moved. */
	async login(): Promise<void> {
		this.#token = await logIn(this.messenger, this.device);
	}

	get sharing() {
		return this.messenger.client(SharingService, this.#token);
	}

	get terms() {
		return this.messenger.client(TermsService, this.#token);
	}

	get #ids() {
		return { accountId: idBytes(this.account), deviceId: idBytes(this.device.device) };
	}

	async standing(): Promise<Standing> {
		return (await this.sharing.getStanding({})).standing ?? create(StandingSchema);
	}

	/** The state and generation of one purpose, e.g. "GRANTED 1". */
	async choice(purpose: string): Promise<string> {
		const choice = (await this.standing()).choices.find((one) => one.purpose === purpose);
		return `${["", "UNSET", "GRANTED", "REFUSED", "WITHDRAWN"][choice?.state ?? 0]} ${choice?.generation}`;
	}

	async policy(version = 0): Promise<{ readonly policy: Policy; readonly textHash: Uint8Array }> {
		const { current } = await this.terms.getTerms({ version, locale: "en" });
		const policy = parsePolicy(new TextDecoder().decode(current?.policy));
		return { policy, textHash: policy.text("en").hash };
	}

	async notice(
		change: MessageInitShape<typeof NoticeDisplayedSchema> & { readonly signer?: Signer } = {},
	): Promise<Signed> {
		const { signer = this.device.signer, ...rest } = change;
		const { policy, textHash } = await this.policy(rest.version);
		return signStatement(signer, LABELS.noticeDisplayed, NoticeDisplayedSchema, {
			...this.#ids,
			version: policy.version,
			policyHash: policy.hash,
			textHash,
			displayedAtMs: BigInt(this.messenger.clock.now()),
			...rest,
		});
	}

	async showNotice(version?: number): Promise<Standing> {
		const answer = await this.sharing.confirmNotice({ notice: await this.notice(version ? { version } : {}) });
		return answer.standing ?? create(StandingSchema);
	}

	async accept(version?: number): Promise<void> {
		const { policy, textHash } = await this.policy(version);
		await this.terms.acceptTerms({
			acceptance: signStatement(this.device.signer, LABELS.termsAcceptance, TermsAcceptanceSchema, {
				...this.#ids,
				version: policy.version,
				policyHash: policy.hash,
				textHash,
				acceptedAtMs: BigInt(this.messenger.clock.now()),
			}),
		});
	}

	/** What a device sends when its person says yes or no; everything of it can be made wrong. */
	async decision(
		answers: Readonly<Record<string, boolean>>,
		{ change = {}, grant = {}, drop = 0, signer, presentation = {} }: Wrong = {},
	): Promise<MessageInitShape<typeof DecidePurposesRequestSchema>> {
		const [{ policy, textHash }, { standing, shareKey }] = await Promise.all([
			this.policy(change.version),
			this.sharing.getStanding({}),
		]);
		const decidedAtMs = BigInt(this.messenger.clock.now());
		const decisions = Object.entries(answers).map(([purpose, granted]) => {
			const generation = standing?.choices.find((choice) => choice.purpose === purpose)?.generation ?? 0;
			const purposeHash = Buffer.from(policy.purposes.get(purpose)?.hash ?? "", "hex");
			return { purpose, granted, purposeHash, generation: granted ? generation + 1 : 0 };
		});
		const grants = decisions
			.filter(({ granted }) => granted)
			.flatMap(({ purpose, purposeHash, generation }) =>
				(policy.purposes.get(purpose)?.recipients ?? []).map((recipient) => {
					const key = this.#consentKey(recipient);
					const said: MessageInitShape<typeof ConsentGrantSchema> = {
						...{ recipient, purpose, purposeHash, generation, decidedAtMs, consentKey: key.publicKey },
						subject: subjectAt(shareKey, recipient),
						...(purpose === "account_linking" && {
							link: { nonce: Buffer.alloc(16, 7), deviceType: "phone", os: "TrothOS", appVersion: "0.1.0" },
						}),
					};
					return signStatement(key, LABELS.consentGrant, ConsentGrantSchema, Object.assign(said, grant));
				}),
			)
			.slice(drop);
		const statement: MessageInitShape<typeof ConsentDecisionSchema> = {
			...this.#ids,
			version: policy.version,
			policyHash: policy.hash,
			locale: "en",
			textHash,
			decisions,
			presentation: { control: "switch", initiallyOn: false, place: "settings", ...presentation },
			decidedAtMs,
			grantHashes: grants.map((one) => createHash("sha256").update(one.statement).digest()),
		};
		Object.assign(statement, change);
		const by = signer ?? this.device.signer;
		return { decision: signStatement(by, LABELS.consentDecision, ConsentDecisionSchema, statement), grants };
	}

	async decide(answers: Readonly<Record<string, boolean>>, wrong?: Wrong) {
		return this.sharing.decidePurposes(await this.decision(answers, wrong));
	}

	#consentKey(recipient: string): Signer {
		const key = this.consentKeys.get(recipient) ?? newSigner();
		this.consentKeys.set(recipient, key);
		return key;
	}
}

/** What is wrong about a decision. */
export interface Wrong {
	readonly change?: MessageInitShape<typeof ConsentDecisionSchema>;
	readonly grant?: MessageInitShape<typeof ConsentGrantSchema>;
	/** Grants that are left out, from the first on. */
	readonly drop?: number;
	readonly signer?: Signer;
	readonly presentation?: MessageInitShape<typeof PresentationSchema>;
}

/** Somebody with an account on this messenger, who accepted what is in force unless told otherwise. */
export async function newDecider(
	messenger: TestMessenger<Clock>,
	phone: string,
	{ acceptTerms = true } = {},
): Promise<Decider & { readonly person: TestAccount }> {
	const person = await registerAccount(messenger, phone, { acceptTerms, keyPackages: 0 });
	const decider = new Decider(messenger, person.account, person, await person.login());
	return Object.assign(decider, { person });
}

/** The operator publishes a policy file; gives the answer's status and body. */
export async function publish(
	messenger: TestMessenger<Clock>,
	file: unknown,
	token: string = OPERATOR,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
	const response = await fetch(`${messenger.url}/operator/terms`, {
		method: "POST",
		headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
		body: JSON.stringify(file),
	});
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** A policy file that ships, under this number. */
export async function fileOf(name: "opt-in" | "opt-out", version = 2): Promise<Record<string, unknown>> {
	return { ...JSON.parse(await readFile(shippedPolicyPath(name), "utf8")), version };
}
