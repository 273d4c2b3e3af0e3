/** Who may log in: the device that signs, for this origin, with a challenge that is fresh. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
	AccountService,
	idBytes,
	LABELS,
	LIMITS,
	LoginStatementSchema,
	SessionService,
	SignedSchema,
	toHex,
} from "@troth/protocol";
import { logIn, refusalOf, registerAccount, signLogin, startTestMessenger, type TestMessenger } from "../_fixture.ts";
import { newDevice, signStatement } from "../_identities.ts";

for (const stores of ["memory", "sqlite"] as const) {
	const story = (name: string, tell: (messenger: TestMessenger) => Promise<void>) =>
		test(`${name} (${stores})`, async () => {
			await using messenger = await startTestMessenger({ stores });
			await tell(messenger);
		});

	story("alice's phone gets a token for a quarter of an hour", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001");
		const sessions = messenger.client(SessionService);
		const { challenge } = await sessions.getChallenge({});
		const session = await sessions.createSession({ login: signLogin(alice, challenge, messenger.origin) });
		assert.equal(toHex(session.accountId), alice.account);
		assert.equal(session.tokenExpiresMs, BigInt(messenger.clock.now() + LIMITS.sessionMs));
		const accounts = messenger.client(AccountService, session.token);
		messenger.clock.advance(LIMITS.sessionMs - 1);
		await accounts.getOwnAccount({});
		messenger.clock.advance(1);
		assert.equal((await refusalOf(accounts.getOwnAccount({}))).code, "UNAUTHENTICATED");
	});

	story("a browser that was pointed at localhost signs that, and is let in", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001");
		const sessions = messenger.client(SessionService);
		const { challenge } = await sessions.getChallenge({});
		const login = signLogin(alice, challenge, `http://localhost:${messenger.port}`);
		assert.ok((await sessions.createSession({ login })).token);
	});

	story("a login that mallory forged, relayed, repeated or kept too long is refused", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001");
		const mallory = newDevice();
		const sessions = messenger.client(SessionService);
		const fresh = async () => (await sessions.getChallenge({})).challenge;
		const codeOf = async (login: Parameters<typeof sessions.createSession>[0]["login"]) =>
			(await refusalOf(sessions.createSession(login === undefined ? {} : { login }))).code;
		const { origin } = messenger;

		assert.equal(
			await codeOf(signLogin({ ...mallory, device: alice.device }, await fresh(), origin)),
			"UNAUTHENTICATED",
		);
		assert.equal(await codeOf(signLogin(mallory, await fresh(), origin)), "UNAUTHENTICATED");
		assert.equal(await codeOf(signLogin(alice, await fresh(), "https://phish.example")), "UNAUTHENTICATED");
		assert.equal(await codeOf(signLogin(alice, randomBytes(32), origin)), "UNAUTHENTICATED");
		assert.equal(await codeOf(signLogin(alice, new Uint8Array(), origin)), "UNAUTHENTICATED");
		assert.equal(await codeOf(undefined), "UNAUTHENTICATED");
		assert.equal(
			await codeOf(create(SignedSchema, { statement: randomBytes(40), signature: randomBytes(64) })),
			"UNAUTHENTICATED",
		);

		const otherKind = signStatement(alice.signer, LABELS.termsAcceptance, LoginStatementSchema, {
			challenge: await fresh(),
			deviceId: idBytes(alice.device),
			origin,
		});
		assert.equal(await codeOf(otherKind), "UNAUTHENTICATED");

		const challenge = await fresh();
		const login = signLogin(alice, challenge, origin);
		await sessions.createSession({ login });
		assert.equal(await codeOf(login), "UNAUTHENTICATED");
		const late = signLogin(alice, await fresh(), origin);
		messenger.clock.advance(LIMITS.challengeMs + 1);
		assert.equal(await codeOf(late), "UNAUTHENTICATED");
	});

	story("a login that is sent twice at the same moment opens one session", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001");
		const sessions = messenger.client(SessionService);
		const { challenge } = await sessions.getChallenge({});
		const login = signLogin(alice, challenge, messenger.origin);
		const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => sessions.createSession({ login })));
		assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
	});

	story("a failed login does not use up the challenge of an honest one", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001");
		const sessions = messenger.client(SessionService);
		const { challenge } = await sessions.getChallenge({});
		const forged = signLogin({ ...newDevice(), device: alice.device }, challenge, messenger.origin);
		await refusalOf(sessions.createSession({ login: forged }));
		await sessions.createSession({ login: signLogin(alice, challenge, messenger.origin) });
	});

	story("without a token, or with anything that is none, nothing is told", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001");
		const token = await logIn(messenger, alice);
		for (const bad of [undefined, "x", token.slice(1), `${token}A`, token.toUpperCase(), "A".repeat(token.length)]) {
			const refusal = await refusalOf(messenger.client(AccountService, bad).getOwnAccount({}));
			assert.equal(refusal.code, "UNAUTHENTICATED", bad);
		}
	});
}
