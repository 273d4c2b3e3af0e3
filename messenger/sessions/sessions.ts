/** Who is it? Signed logins and the tokens that follow from them (implements `Sessions` of the context). */
import { timingSafeEqual } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	type Clock,
	type DeviceId,
	LABELS,
	type LoginStatement,
	LoginStatementSchema,
	Refusal,
	readId,
	type Signed,
	verifySigned,
} from "@troth/protocol";
import type { AccountDirectory } from "../accounts/directory.ts";
import type { Session, Sessions } from "../context.ts";
import type { Secrets } from "../secrets.ts";
import { Challenges } from "./challenges.ts";
import { acceptedOrigins } from "./origins.ts";
import { Tokens } from "./tokens.ts";

/** What an action about an account's security does to its sessions; implemented in `abuse/limits.ts`. */
interface SessionLimits {
	/** Tokens of before this no longer count; 0 for none. */
	sessionsSince(account: AccountId): Promise<number>;
}

export class DeviceSessions implements Sessions {
	readonly #directory: AccountDirectory;
	readonly #challenges: Challenges;
	readonly #tokens: Tokens;
	readonly #origins: ReadonlySet<string>;
	readonly #limits: SessionLimits | undefined;

	/** @param limits where sessions of before an action no longer count */
	constructor(clock: Clock, secrets: Secrets, directory: AccountDirectory, origin: string, limits?: SessionLimits) {
		this.#limits = limits;
		this.#directory = directory;
		this.#challenges = new Challenges(clock, secrets.challengeKey);
		this.#tokens = new Tokens(clock, secrets.tokenKey);
		this.#origins = acceptedOrigins(origin);
	}

	newChallenge() {
		return this.#challenges.issue();
	}

	async verifyLogin(login: Signed | undefined, expectedChallenge: Uint8Array): Promise<Session> {
		const statement = readStatement(login);
		if (login === undefined || statement === undefined) throw refused("not a login statement");
		if (!equal(statement.challenge, expectedChallenge)) throw refused("another challenge was given");
		return this.#verify(login, statement);
	}

	/** For a login that brings back a challenge of `newChallenge`: checks it and uses it up. */
	async redeemLogin(login: Signed | undefined): Promise<Session> {
		const statement = readStatement(login);
		if (login === undefined || statement === undefined) throw refused("not a login statement");
		if (!this.#challenges.isOpen(statement.challenge)) throw refused("the challenge is unknown, used or too old");
		const session = await this.#verify(login, statement);
		if (!this.#challenges.redeem(statement.challenge)) throw refused("the challenge is unknown, used or too old");
		return session;
	}

	issueToken(session: Session) {
		return this.#tokens.issue(session);
	}

	async verifyToken(token: string): Promise<Session> {
		const read = this.#tokens.read(token);
		if (read === undefined) throw refused("the token is not valid or has expired");
		const { issuedAtMs, ...session } = read;
		const known = await this.#directory.known(session.device);
		if (known === undefined || known.account !== session.account)
			throw refused("the token is not valid or has expired");
		if (known.removed) throw removed(known);
		if (this.#limits !== undefined && issuedAtMs < (await this.#limits.sessionsSince(session.account)))
			throw refused("the sessions of this account were ended: log in again");
		return session;
	}

	/** One text for unknown devices and wrong signatures: a stranger learns nothing about which devices exist. */
	async #verify(login: Signed, statement: LoginStatement): Promise<Session> {
		if (!this.#origins.has(statement.origin)) throw refused("the login is for another origin");
		const device = readId<DeviceId>(statement.deviceId);
		const known = device && (await this.#directory.known(device));
		if (device === undefined || known === undefined || !verifySigned(known.signatureKey, LABELS.login, login))
			throw refused("no such device, or its signature does not verify");
		if (known.removed) throw removed(known);
		return { account: known.account, device };
	}
}

function readStatement(login: Signed | undefined): LoginStatement | undefined {
	if (login === undefined) return undefined;
	try {
		return fromBinary(LoginStatementSchema, login.statement);
	} catch {
		return undefined;
	}
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && timingSafeEqual(a, b);
}

function refused(message: string): Refusal {
	return new Refusal("UNAUTHENTICATED", message);
}

function removed({ unlinked }: { readonly unlinked: boolean }): Refusal {
	if (unlinked) return new Refusal("DEVICE_UNLINKED", "the device was not here for long and was unlinked");
	return new Refusal("DEVICE_REMOVED", "the account no longer lists this device");
}
