/** Bearer tokens for RPCs: the one that came with the stream, or one for a signature where there is no stream. */
import { create, toBinary } from "@bufbuild/protobuf";
import { type Clock, idBytes, LABELS, LIMITS, LoginStatementSchema } from "@troth/protocol";
import { signStatement } from "../identity/signed.ts";
import type { MlsEngine } from "../mls/engine.ts";
import type { Rpc } from "./rpc.ts";
import type { SessionIdentity } from "./session.ts";

/** A token that ends sooner than this is not used any more. */
const MARGIN_MS = 30_000;

export class Tokens {
	#token: { readonly value: string; readonly untilMs: number } | undefined;
	#renewal: Promise<string> | undefined;
	readonly #clock: Clock;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** A token came. Times are the server's: what counts is how long it lives from now. */
	offer(value: string, expiresMs: number, serverTimeMs: number): void {
		this.#token = { value, untilMs: this.#clock.now() + (expiresMs - serverTimeMs) };
	}

	/** A token to use; `stale` is one the server refused. Signs in for a new one where there is none. */
	async get(
		stale: string | undefined,
		rpc: Rpc["sessions"],
		engine: MlsEngine,
		identity: SessionIdentity,
	): Promise<string> {
		const known = this.#token;
		if (known !== undefined && known.value !== stale && known.untilMs - MARGIN_MS > this.#clock.now())
			return known.value;
		this.#renewal ??= this.#renew(rpc, engine, identity).finally(() => {
			this.#renewal = undefined;
		});
		return this.#renewal;
	}

	async #renew(rpc: Rpc["sessions"], engine: MlsEngine, identity: SessionIdentity): Promise<string> {
		const { challenge, expiresAtMs } = await rpc.getChallenge({});
		const statement = toBinary(
			LoginStatementSchema,
			create(LoginStatementSchema, { challenge, deviceId: idBytes(identity.device), origin: identity.origin }),
		);
		const login = await signStatement(engine, identity.keys, LABELS.login, statement);
		const session = await rpc.createSession({ login });
		// The challenge tells the server's clock: it ends challengeMs after it was made.
		this.offer(session.token, Number(session.tokenExpiresMs), Number(expiresAtMs) - LIMITS.challengeMs);
		return session.token;
	}
}
