/** The terms: anybody can read them, and only a signature accepts them. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	AccountService,
	idBytes,
	LABELS,
	type Label,
	TermsAcceptanceSchema,
	TermsService,
	termsTextBytes,
} from "@troth/protocol";
import { acceptTermsInForce, refusalOf, registerAccount, startTestMessenger, type TestMessenger } from "../_fixture.ts";
import { newSigner, signStatement } from "../_identities.ts";

for (const stores of ["memory", "sqlite"] as const) {
	const story = (name: string, tell: (messenger: TestMessenger) => Promise<void>) =>
		test(`${name} (${stores})`, async () => {
			await using messenger = await startTestMessenger({ stores });
			await tell(messenger);
		});

	story("who has no account reads what they would accept, and can check its hash", async (messenger) => {
		const { current } = await messenger.client(TermsService).getTerms({ locale: "fr-CA" });
		assert.ok(current !== undefined);
		assert.equal(current.version, 1);
		assert.equal(current.locale, "en");
		assert.equal(current.publishedAtMs, BigInt(messenger.clock.now()));
		assert.deepEqual(
			current.documents.map(({ id }) => id),
			["terms", "privacy"],
		);
		const hash = createHash("sha256").update(termsTextBytes(current)).digest();
		assert.equal(Buffer.compare(hash, current.textHash), 0);
		assert.equal(current.policyHash.length, 32);
	});

	story("alice accepts once; a repeat gets the first answer", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001", { acceptTerms: false });
		const token = await alice.login();
		const accepted = async () => (await alice.client(AccountService).getOwnAccount({})).acceptedTermsVersion;
		assert.equal(await accepted(), 0);
		await acceptTermsInForce(messenger, alice, token);
		assert.equal(await accepted(), 1);
		const terms = messenger.client(TermsService, token);
		const { current } = await terms.getTerms({});
		const firstAt = messenger.clock.now();
		messenger.clock.advance(5000);
		const acceptance = signStatement(alice.signer, LABELS.termsAcceptance, TermsAcceptanceSchema, {
			accountId: idBytes(alice.account),
			deviceId: idBytes(alice.device),
			version: 1,
			policyHash: current?.policyHash ?? new Uint8Array(),
			textHash: current?.textHash ?? new Uint8Array(),
			acceptedAtMs: BigInt(messenger.clock.now()),
		});
		assert.equal((await terms.acceptTerms({ acceptance })).acceptedAtMs, BigInt(firstAt));
	});

	story("nobody accepts for alice, and alice accepts nothing she was not shown", async (messenger) => {
		const alice = await registerAccount(messenger, "+15550100001", { acceptTerms: false });
		const bob = await registerAccount(messenger, "+15550100002");
		const terms = alice.client(TermsService);
		const { current } = await terms.getTerms({});
		assert.ok(current !== undefined);
		const statement = {
			accountId: idBytes(alice.account),
			deviceId: idBytes(alice.device),
			version: 1,
			policyHash: current.policyHash,
			textHash: current.textHash,
			acceptedAtMs: 0n,
		};
		const codeOf = async (
			change: MessageInitShape<typeof TermsAcceptanceSchema>,
			signer = alice.signer,
			label: Label = LABELS.termsAcceptance,
		) => {
			const acceptance = signStatement(signer, label, TermsAcceptanceSchema, { ...statement, ...change });
			return (await refusalOf(terms.acceptTerms({ acceptance }))).code;
		};
		assert.equal(await codeOf({}, newSigner()), "UNAUTHENTICATED");
		assert.equal(await codeOf({}, bob.signer), "UNAUTHENTICATED");
		assert.equal(await codeOf({}, alice.signer, LABELS.login), "UNAUTHENTICATED");
		assert.equal(await codeOf({ accountId: idBytes(bob.account) }), "UNAUTHENTICATED");
		assert.equal(await codeOf({ deviceId: idBytes(bob.device) }), "UNAUTHENTICATED");
		assert.equal(await codeOf({ version: 2 }), "TERMS_VERSION_UNKNOWN");
		assert.equal(await codeOf({ policyHash: randomBytes(32) }), "TERMS_VERSION_UNKNOWN");
		assert.equal(await codeOf({ textHash: randomBytes(32) }), "TERMS_VERSION_UNKNOWN");
		assert.equal((await refusalOf(terms.acceptTerms({}))).code, "MALFORMED");
		// Wire type 7 is none: these bytes are no message, whatever comes after.
		const acceptance = { statement: Uint8Array.of(0xff, 0x01), signature: randomBytes(64) };
		assert.equal((await refusalOf(terms.acceptTerms({ acceptance }))).code, "MALFORMED");
		const stranger = messenger.client(TermsService).acceptTerms({ acceptance });
		assert.equal((await refusalOf(stranger)).code, "UNAUTHENTICATED");
		assert.equal((await alice.client(AccountService).getOwnAccount({})).acceptedTermsVersion, 0);
	});
}

test("what was published stays published: the date survives a restart (sqlite)", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const before = await messenger.client(TermsService).getTerms({});
	messenger.clock.advance(1000);
	await messenger.restart();
	assert.deepEqual(await messenger.client(TermsService).getTerms({}), before);
});
