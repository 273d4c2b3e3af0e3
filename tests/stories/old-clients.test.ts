/** A client that can not encrypt, or not well enough, is refused: nothing is ever taken from it in the clear (A2). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ContentSchema, ErrorCode, RegistrationService } from "@troth/protocol";
import { refusalOf, startTestMessenger, verifyNumber } from "../../messenger/_fixture.ts";
import { newDevice, newSigner, signDeviceList } from "../../messenger/_identities.ts";
import { TestClient } from "../../messenger/delivery/_client.ts";
import { sealedMessage, TestWorld } from "../../messenger/delivery/_world.ts";

const text: MessageInitShape<typeof ContentSchema> = { body: { case: "text", value: { text: "in the clear" } } };
const CLEAR = toBinary(ContentSchema, create(ContentSchema, text));

test("without a key package of the suite there is no account to write to", async () => {
	await using messenger = await startTestMessenger();
	const { account, token } = await verifyNumber(messenger, "+15550108601");
	const list = { registrationToken: token, deviceList: signDeviceList(newSigner(), account, 1, [newDevice()], 0) };
	const registration = messenger.client(RegistrationService);
	for (const offer of [{}, { lastResortKeyPackage: CLEAR }, { keyPackages: [CLEAR], lastResortKeyPackage: CLEAR }])
		assert.equal((await refusalOf(registration.createAccount({ ...list, ...offer }))).code, "KEY_PACKAGE_INVALID");
});

test("an old version of the protocol is told so, and what is not encrypted is stored for nobody", async () => {
	await using world = await TestWorld.open();
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const old = await TestClient.hello(world.url, alice.phone, { version: 0 });
	assert.equal((await old.next("error")).code, ErrorCode.VERSION_UNSUPPORTED);
	await old.closed;
	const [sender, receiver] = [await world.attach(alice), await world.attach(bob)];
	// The content as it is; and inside an MLS PublicMessage, which is signed and not encrypted.
	const sealed = sealedMessage(chat, 1);
	const readable = Uint8Array.from(sealed);
	readable[3] = 1;
	for (const bytes of [CLEAR, readable, new Uint8Array()]) {
		sender.send(chat, 1, bytes);
		assert.equal((await sender.next("sendRefused")).error?.code, ErrorCode.MALFORMED);
	}
	sender.send(chat, 1, sealed);
	await sender.next("sendOk");
	const [only] = await receiver.entriesOf(chat, 1);
	assert.deepEqual([receiver.entries.length, Buffer.from(only?.payload ?? []).equals(sealed)], [1, true]);
});
