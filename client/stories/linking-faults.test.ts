/** Linking when things go wrong: processes that die in the middle, a ninth device, servers that lie. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
	ClaimKeyPackagesResponseSchema,
	type DeviceId,
	GetOwnAccountResponseSchema,
	isRefusal,
	LIMITS,
	toHex,
} from "@troth/protocol";
import { signAgreement, signDeviceList } from "../identity/device-list.ts";
import { createJoining } from "../linking/new-device.ts";
import { KEYS } from "../state/keys.ts";
import { LocalState } from "../state/local-state.ts";
import { MemoryStore } from "../store/memory.ts";
import { createRpc, type Rpc } from "../sync/rpc.ts";
import { Tokens } from "../sync/tokens.ts";
import { Companion } from "./_companion.ts";
import { Middleman } from "./_lying.ts";
import { type Person, startWorld, until } from "./_people.ts";

/** The account's identity key, as it lies on a device: what a thief would have. */
async function identityOf(person: Person) {
	const { engine } = person.ports();
	await using state = await LocalState.open(new MemoryStore(person.copy()), engine);
	const secrets = await state.read(KEYS.secrets);
	const bytes = (hex = "") => new Uint8Array(Buffer.from(hex, "hex"));
	return { publicKey: bytes(secrets?.identity.publicKey), privateKey: bytes(secrets?.identity.privateKey) };
}

test("the laptop dies again and again while comes in to four chats: it is in all of them, and nothing is told twice", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const { account } = await alice.device.find(bob.phone);
	const groups = [];
	for (const name of ["One", "Two", "Three"]) groups.push(await alice.device.createGroup(name, [account]));
	const chat = await alice.device.openDirect(account);
	for (const id of groups)
		await until("bob is in", async () => ((await bob.device.conversation(id))?.title ?? "") !== "");
	const { person: laptop, invitation, finish } = await Companion.begin(alice, "Laptop", { ports: man.between });
	const finished = finish();
	await alice.device.confirmLink((await alice.device.openLink(invitation.address)).link);
	laptop.self = await finished;

	// It dies at each of its commits: before it leaves, after it arrived, and with a race lost to Bob in between.
	const inside = async (id: string) => (await laptop.device.conversation(id as never))?.members.length === 2;
	for (const fault of ["cut", "deaf", "cut", "deaf"] as const) {
		man[fault].add("CommitToConversation");
		await laptop.open();
		await until("it is caught up", () => laptop.events.some(({ type }) => type === "caught-up"));
		await new Promise((resolve) => setTimeout(resolve, 150));
		await laptop.crash(man);
		man[fault].clear();
		laptop.events.length = 0;
		await bob.device.renameGroup(groups[0] as never, `One ${fault}`);
	}
	await laptop.comeBack();
	for (const id of [chat, ...groups]) await until("it is in", () => inside(id), 1500);
	await bob.say(chat, "Are you all there?");
	await until("the laptop reads it", async () => (await laptop.texts(chat)).includes("Bob: Are you all there?"));
	for (const id of [chat, ...groups]) {
		await laptop.say(id, "here");
		await until(
			"bob reads it",
			async () => (await bob.texts(id)).filter((text) => text === "Alice: here").length === 1,
		);
		// Until the phone has told it, it says that something from before may be missing.
		await until("the phone told it all", async () =>
			(await laptop.rows(id)).every(({ body }) => body.kind !== "gap" || body.reason !== "before"),
		);
		for (const person of [alice, bob, laptop])
			assert.deepEqual(
				(await person.rows(id)).filter(({ body }) => ["gap", "unreadable", "forked"].includes(body.kind)),
				[],
				`${person.name} missed nothing`,
			);
	}
});

test("alice's phone dies between the list and the bundle: it goes on when it is back, and the laptop gets its keys", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const { person: laptop, invitation, finish } = await Companion.begin(alice, "Laptop");
	const finished = finish();
	const { link } = await alice.device.openLink(invitation.address);
	man.deaf.add("PublishDeviceList");
	await assert.rejects(alice.device.confirmLink(link), (error) => isRefusal(error, "UNAVAILABLE"));
	await alice.crash(man);
	man.deaf.clear();
	await alice.comeBack();
	laptop.self = await finished;
	await laptop.comeBack();
	assert.deepEqual(
		(await laptop.device.devices()).map(({ own }) => own),
		[false, true],
	);
});

test("the laptop dies after it signed, and goes on with the same keys and the same code", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const { person: laptop, invitation, finish } = await Companion.begin(alice, "Laptop", { ports: man.between });
	const dying = finish().catch(() => undefined);
	man.deaf.add("PutLetter");
	const confirmed = alice.device.confirmLink((await alice.device.openLink(invitation.address)).link);
	await until("it signed", () => laptop.data.has("joining") && man.deaf.size);
	await confirmed;
	man.frozen = true;
	const kept = laptop.copy();
	man.frozen = false;
	man.deaf.clear();
	laptop.data = kept;
	const again = createJoining(laptop.ports());
	assert.equal((await again.beginLink(world.url)).code, invitation.code);
	laptop.self = await again.finishLink();
	await laptop.comeBack();
	assert.equal((await laptop.device.devices()).length, 2);
	await dying;
});

test("a ninth device is refused, with a reason on both sides, and nothing of the account is told", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const { engine } = alice.ports();
	const identity = await identityOf(alice);
	// Seven others, as seven links would have listed them.
	await using state = await LocalState.open(new MemoryStore(alice.copy()), engine);
	const known = await state.read(KEYS.account(alice.account));
	const others = await Promise.all(
		Array.from({ length: LIMITS.devicesPerAccount - 1 }, async (_, at) => {
			const keys = await engine.generateSigningKeys();
			const deviceId = new Uint8Array(16).fill(at + 1);
			const named = { accountId: new Uint8Array(Buffer.from(alice.account, "hex")), identityKey: identity.publicKey };
			const agreement = toHex(await signAgreement(engine, keys, { ...named, deviceId }));
			const device = toHex(deviceId) as DeviceId;
			return { device, signatureKey: toHex(keys.publicKey), addedAtMs: world.clock.now(), agreement };
		}),
	);
	const devices = [...(known?.devices ?? []), ...others];
	const signed = await signDeviceList(engine, identity, { account: alice.account, version: 2, devices, issuedAtMs: 1 });
	await publish(alice, signed);
	await until("the phone knows", async () => (await alice.device.devices()).length === LIMITS.devicesPerAccount);
	const ninth = await Companion.begin(alice, "Ninth");
	const finished = ninth.finish();
	const refused = assert.rejects(finished, (error) => isRefusal(error, "FORBIDDEN"));
	const { link } = await alice.device.openLink(ninth.invitation.address);
	await assert.rejects(alice.device.confirmLink(link), (error) => isRefusal(error, "DEVICES_FULL"));
	await refused;
});

/** Publishes a list with the session of a device of the account. */
async function publish(person: Person, deviceList: Awaited<ReturnType<typeof signDeviceList>>): Promise<void> {
	const ports = person.ports();
	await using state = await LocalState.open(new MemoryStore(person.copy()), ports.engine);
	const [profile, secrets] = [await state.read(KEYS.profile), await state.read(KEYS.secrets)];
	if (profile === undefined || secrets === undefined) throw new Error("not registered");
	const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
	const keys = { publicKey: bytes(secrets.device.publicKey), privateKey: bytes(secrets.device.privateKey) };
	const tokens = new Tokens(ports.clock);
	const identity = {
		device: profile.device,
		server: profile.server,
		origin: profile.origin,
		keys,
		generation: () => 0,
	};
	const rpc: Rpc = createRpc({
		server: profile.server,
		fetch: ports.fetch,
		token: (stale) => tokens.get(stale, rpc.sessions, ports.engine, identity),
	});
	await rpc.accounts.publishDeviceList({ deviceList });
}

test("a server that stole the account's key can still not list a device that never said yes", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob", { ports: man.between });
	await bob.device.find(alice.phone);
	const { engine } = bob.ports();
	const ghost = await engine.generateSigningKeys();
	await using state = await LocalState.open(new MemoryStore(alice.copy()), engine);
	const listed = (await state.read(KEYS.account(alice.account)))?.devices ?? [];
	const stranger = { device: "ab".repeat(16) as DeviceId, signatureKey: toHex(ghost.publicKey), addedAtMs: 1 };
	const list = { account: alice.account, version: 2, issuedAtMs: 1 };
	const identity = await identityOf(alice);
	// Beside her devices, and in their place, as if it were the first one.
	for (const devices of [[...listed, stranger], [stranger]]) {
		const forged = await signDeviceList(engine, identity, { ...list, devices });
		man.lie("ClaimKeyPackages", ClaimKeyPackagesResponseSchema, ({ deviceLists }) => {
			for (const one of deviceLists) one.deviceList = forged;
		});
		await assert.rejects(bob.device.createGroup("Two", [alice.account]), (error) =>
			isRefusal(error, "DEVICE_LIST_INVALID"),
		);
	}
	man.answers.clear();
	const group = await bob.device.createGroup("Two", [alice.account]);
	const own = (await alice.device.self()).device;
	assert.deepEqual((await bob.device.conversation(group))?.members.find(({ self }) => !self)?.devices, [own]);
});

test("a server that hands out an older list of one's own can not bring a removed device back with the next link", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const laptop = await Companion.link(alice, "Laptop");
	let old: { readonly deviceList?: unknown } | undefined;
	man.lie("GetOwnAccount", GetOwnAccountResponseSchema, (answer) => {
		old ??= { deviceList: answer.deviceList };
	});
	await alice.device.devices();
	await alice.device.removeDevice((await laptop.device.self()).device);
	man.lie("GetOwnAccount", GetOwnAccountResponseSchema, (answer) => {
		answer.deviceList = old?.deviceList as never;
	});
	const tablet = await Companion.begin(alice, "Tablet");
	const refused = assert.rejects(tablet.finish(), (error) => isRefusal(error, "FORBIDDEN"));
	const { link } = await alice.device.openLink(tablet.invitation.address);
	await assert.rejects(alice.device.confirmLink(link), (error) => isRefusal(error, "DEVICE_LIST_INVALID"));
	await refused;
});
