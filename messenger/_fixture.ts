/** A messenger in this process, on real HTTP, and people with real accounts on it. For tests and benchmarks. */

import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DescService } from "@bufbuild/protobuf";
import { type Client, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import {
	type AccountId,
	type Clock,
	ErrorDetailSchema,
	fromErrorDetail,
	idBytes,
	LABELS,
	LoginStatementSchema,
	type PhoneNumber,
	type Refusal,
	RegistrationService,
	readId,
	SessionService,
	type Signed,
	TermsAcceptanceSchema,
	TermsService,
} from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import {
	newDevice,
	newKeyPackages,
	newSigner,
	type Signer,
	signDeviceList,
	signStatement,
	type TestDevice,
} from "./_identities.ts";
import { ConsoleCodeSender } from "./codes/console-code-sender.ts";
import { type Messenger, type MessengerOptions, startMessenger } from "./server.ts";
import { type OpenStores, openStores } from "./stores.ts";

export type TestStores = "memory" | "sqlite";

export interface TestMessenger<C extends Clock = ManualClock> extends Messenger {
	readonly clock: C;
	/** The last code sent to each number. */
	readonly codes: ReadonlyMap<string, string>;
	/** What the server wrote to its log. */
	readonly log: readonly string[];
	/** What the development provider printed. */
	readonly console: readonly string[];
	/** Where its files lie; undefined where there are none. */
	readonly directory: string | undefined;
	/** A client of one service, with a bearer token where one is given. */
	client<S extends DescService>(service: S, token?: string, format?: "binary" | "json"): Client<S>;
	/**
	 * Stops it and starts it again on the same files (sqlite only); clients of before stay usable. In between, `look` may
	 * open what lies there.
	 */
	restart(look?: (stores: OpenStores) => Promise<void>): Promise<void>;
}

export interface TestMessengerOptions<C extends Clock> {
	readonly stores?: TestStores;
	readonly clock?: C;
	readonly webRoot?: string;
	/** What of the operator, of sharing and of codes is configured; nothing where it is left out. */
	readonly settings?: Pick<
		MessengerOptions,
		"absenceDays" | "operatorToken" | "nextPolicy" | "sharing" | "codes" | "codeCountries" | "trustedProxies"
	>;
}

/** Starts a messenger on a free port. Its clock stands still unless another one is given. */
export async function startTestMessenger<C extends Clock = ManualClock>(
	options: TestMessengerOptions<C> = {},
): Promise<TestMessenger<C>> {
	const clock = options.clock ?? (new ManualClock() as unknown as C);
	const codes = new Map<string, string>();
	const log: string[] = [];
	const printed: string[] = [];
	const directory = options.stores === "sqlite" ? await mkdtemp(join(tmpdir(), "troth-messenger-")) : undefined;
	const agent = new Agent({ keepAlive: true });
	const start = (port: number) =>
		startMessenger({
			clock,
			port,
			stores: directory === undefined ? { kind: "memory" } : { kind: "sqlite", directory },
			codes: new ConsoleCodeSender((line) => printed.push(line)),
			onCode: (phone, code) => codes.set(phone, code),
			log: (line) => log.push(line),
			...(options.webRoot !== undefined && { webRoot: options.webRoot }),
			...options.settings,
		});
	let running = await start(0);
	const { url, origin, port } = running;
	return {
		clock,
		codes,
		log,
		console: printed,
		directory,
		url,
		origin,
		port,
		counters: () => running.counters(),
		client: (service, token, format = "binary") =>
			createClient(
				service,
				createConnectTransport({
					baseUrl: url,
					httpVersion: "1.1",
					nodeOptions: { agent },
					useBinaryFormat: format === "binary",
					interceptors: [
						(next) => (request) => {
							if (token !== undefined) request.header.set("authorization", `Bearer ${token}`);
							return next(request);
						},
					],
				}),
			),
		async restart(look) {
			await running[Symbol.asyncDispose]();
			if (look !== undefined && directory !== undefined) {
				await using stores = await openStores({ kind: "sqlite", directory });
				await look(stores);
			}
			running = await start(port);
		},
		async [Symbol.asyncDispose]() {
			agent.destroy();
			await running[Symbol.asyncDispose]();
			if (directory !== undefined) await rm(directory, { recursive: true });
		},
	};
}

/** The refusal a call was answered with; fails where it was not refused, or without an ErrorDetail. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
	const error = await call.then(
		() => {
			throw new Error("the call was not refused");
		},
		(reason: unknown) => ConnectError.from(reason),
	);
	const [detail] = error.findDetails(ErrorDetailSchema);
	if (detail === undefined) throw new Error(`refused without an ErrorDetail: ${error.message}`);
	return fromErrorDetail(detail);
}

/** A person with one registered device. */
export interface TestAccount extends TestDevice {
	readonly phone: PhoneNumber;
	readonly account: AccountId;
	readonly identity: Signer;
	/** A fresh session token. */
	login(): Promise<string>;
	/** A client with the token that registration ended with. */
	client<S extends DescService>(service: S): Client<S>;
}

/** The first half of a registration: the number verified. */
export async function verifyNumber(
	messenger: TestMessenger<Clock>,
	phone: string,
): Promise<{ readonly account: AccountId; readonly token: Uint8Array; readonly replacesAccount: boolean }> {
	const registration = messenger.client(RegistrationService);
	const { attemptId } = await registration.requestCode({ phone });
	const answer = await registration.verifyCode({ attemptId, code: messenger.codes.get(phone) ?? "" });
	const account = readId<AccountId>(answer.accountId);
	if (account === undefined) throw new Error("no account id");
	return { account, token: answer.registrationToken, replacesAccount: answer.replacesAccount };
}

export interface RegistrationChoices {
	readonly keyPackages?: number;
	/** False leaves the terms unaccepted. */
	readonly acceptTerms?: boolean;
	/** Opens the registration lock of who has the number. */
	readonly pin?: string;
}

/** Registers a number the way a client does: code, keys, account, session, terms. */
export async function registerAccount(
	messenger: TestMessenger<Clock>,
	phone: string,
	{ keyPackages = 2, acceptTerms = true, pin }: RegistrationChoices = {},
): Promise<TestAccount> {
	const { account, token } = await verifyNumber(messenger, phone);
	if (pin !== undefined) await messenger.client(RegistrationService).unlockNumber({ registrationToken: token, pin });
	const identity = newSigner();
	const device = newDevice();
	const [lastResortKeyPackage, ...packages] = await newKeyPackages(keyPackages + 1, account, device, messenger.clock);
	await messenger.client(RegistrationService).createAccount({
		registrationToken: token,
		deviceList: signDeviceList(identity, account, 1, [device], messenger.clock.now()),
		keyPackages: packages,
		...(lastResortKeyPackage !== undefined && { lastResortKeyPackage }),
	});
	const login = () => logIn(messenger, device);
	const session = await login();
	const client = <S extends DescService>(service: S) => messenger.client(service, session);
	if (acceptTerms) await acceptTermsInForce(messenger, { account, ...device }, session);
	return { ...device, phone: phone as PhoneNumber, account, identity, login, client };
}

/** A login statement for a challenge. */
export function signLogin({ device, signer }: TestDevice, challenge: Uint8Array, origin: string): Signed {
	return signStatement(signer, LABELS.login, LoginStatementSchema, { challenge, deviceId: idBytes(device), origin });
}

/** Opens a session with a signed challenge; gives its token. */
export async function logIn(messenger: TestMessenger<Clock>, device: TestDevice): Promise<string> {
	const sessions = messenger.client(SessionService);
	const { challenge } = await sessions.getChallenge({});
	const { token } = await sessions.createSession({ login: signLogin(device, challenge, messenger.origin) });
	return token;
}

/** Accepts the terms in force with the device's signature. */
export async function acceptTermsInForce(
	messenger: TestMessenger<Clock>,
	person: TestDevice & { readonly account: AccountId },
	token: string,
): Promise<void> {
	const terms = messenger.client(TermsService, token);
	const { current } = await terms.getTerms({ locale: "en" });
	await terms.acceptTerms({
		acceptance: signStatement(person.signer, LABELS.termsAcceptance, TermsAcceptanceSchema, {
			accountId: idBytes(person.account),
			deviceId: idBytes(person.device),
			version: current?.version ?? 0,
			policyHash: current?.policyHash ?? new Uint8Array(),
			textHash: current?.textHash ?? new Uint8Array(),
			acceptedAtMs: BigInt(messenger.clock.now()),
		}),
	});
}
