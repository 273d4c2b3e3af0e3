/**
 * Refusing changes nothing but what is shared (H1): a script of 31 acts, through the real API and the real command,
 * gives a person who said yes to everything and one who said no to everything the same answers.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ConversationId, isRefusal } from "@troth/protocol";
import { METHODS } from "../../messenger/http/methods.ts";
import type { Device } from "../device/api.ts";
import { openProfile, registerProfile } from "../device/open.node.ts";
import { troth } from "../troth/_troth.ts";
import { type Person, until } from "./_people.ts";
import { type SharingWorld, startSharingWorld } from "./_sharing.ts";

const YES = "+15550106401";
const NO = "+15550106402";
/** The numbers that they change to. */
const NEXT: Readonly<Record<string, string>> = { [YES]: "+15550106403", [NO]: "+15550106404" };
const NOBODY = "+15550106499";
const NOTICE = { control: "buttons", initiallyOn: false, place: "notice" } as const;

/** Everything that one of the two meets: the same people for both, by name. */
interface Side {
	readonly dir: string;
	readonly phone: string;
	readonly bob: Person;
	readonly carla: Person;
	readonly shop: Person;
	device: Device;
	chat: ConversationId;
	group: ConversationId;
}

type Act = readonly [name: string, act: (side: Side) => Promise<unknown>, refused?: "refused"];

let town: SharingWorld;
let directory: string;
let sides: readonly Side[];
/** Methods that the acts really called. */
const called = new Set<string>();
const realFetch = globalThis.fetch;

before(async () => {
	town = await startSharingWorld({ members: [YES, NO, ...Object.values(NEXT)] });
	directory = await mkdtemp(join(tmpdir(), "troth-refusing-"));
	globalThis.fetch = (input, init) => {
		called.add(new URL(input instanceof Request ? input.url : input).pathname.split("/").at(-1) ?? "");
		return realFetch(input, init);
	};
	const shop = await town.world.person("Shop");
	const approved = await realFetch(`${town.world.url}/operator/businesses`, {
		method: "POST",
		headers: { authorization: `Bearer ${town.operatorToken}`, "content-type": "application/json" },
		body: JSON.stringify({ phone: shop.phone, name: "Corner Shop" }),
	});
	assert.equal(approved.status, 201);
	await town.publish("opt-in");
	const two: Side[] = [];
	for (const [phone, granted] of [
		[YES, true],
		[NO, false],
	] as const) {
		const dir = join(directory, granted ? "yes" : "no");
		const server = town.world.url;
		await registerProfile({ dir, server, phone, name: "Me", code: async () => town.world.code(phone) });
		const [bob, carla] = [await town.world.person("Bob"), await town.world.person("Carla")];
		const device = await openProfile({ dir });
		await device.acceptTerms(2);
		const answer = (...purposes: string[]) => purposes.map((purpose) => ({ purpose, granted }));
		await device.decide(answer("friend_suggestions", "relevant_ads"), NOTICE);
		if (granted) await device.linkRecipient("ab".repeat(32), "family");
		else await device.decide(answer("account_linking"), NOTICE);
		const nowhere = "" as ConversationId;
		two.push({ dir, phone, bob, carla, shop, device, chat: nowhere, group: nowhere });
	}
	sides = two;
	await until("all of the yes is at the recipients", async () => {
		await town.door.tick();
		return town.family.kept.size === 3 && town.photos.kept.size === 1;
	});
});

after(async () => {
	globalThis.fetch = realFetch;
	for (const { device } of sides ?? []) await device[Symbol.asyncDispose]();
	await town[Symbol.asyncDispose]();
	await rm(directory, { recursive: true });
});

/** The command in a process of its own; the device is closed meanwhile, and opened again. */
const command =
	(...args: readonly (string | ((side: Side) => string))[]) =>
	async (side: Side) => {
		await side.device[Symbol.asyncDispose]();
		const words = args.map((arg) => (typeof arg === "string" ? arg : arg(side)));
		const { code, lines, error } = await troth([...words, "--profile", side.dir, "--json"]);
		side.device = await openProfile({ dir: side.dir });
		await side.device.caughtUp();
		return { code, lines, error };
	};

async function say(device: Device, chat: ConversationId, text: string) {
	const { id } = await device.send(chat, text);
	assert.ok(id !== undefined);
	return device.stored(chat, id);
}

const texts = async (device: Device, chat: ConversationId) =>
	(await device.messages(chat, { limit: 100 })).flatMap(({ body }) => (body.kind === "text" ? [body.text] : []));

const ACTS: readonly Act[] = [
	["who am I", ({ device }) => device.self()],
	["which terms are in force", ({ device }) => device.terms()],
	["where do I stand", ({ device }) => device.sharing()],
	["which terms, says the command", command("terms")],
	["find bob", ({ device, bob }) => device.find(bob.phone)],
	["find nobody", ({ device }) => device.find(NOBODY), "refused"],
	[
		"start a chat with bob",
		async (side) => {
			side.chat = await side.device.openDirect(side.bob.account);
			return side.device.conversation(side.chat);
		},
	],
	["write to bob", ({ device, chat }) => say(device, chat, "hello bob")],
	[
		"bob has it, and answers",
		async ({ device, bob, chat }) => {
			await until("bob has it", async () => (await bob.texts(chat)).includes("Me: hello bob"));
			await bob.say(chat, "hello you");
			await until("the answer is here", async () => (await texts(device, chat)).includes("hello you"));
			return texts(device, chat);
		},
	],
	["write to bob by command", command("send", "--to", ({ bob }) => bob.phone, "by command")],
	[
		"bob sees what I read",
		async ({ device, bob, chat }) => {
			const last = (await device.messages(chat, { limit: 1 })).at(-1)?.seq ?? 0;
			await device.markRead(chat, last);
			return until("bob sees it", async () =>
				(await bob.device.conversation(chat))?.members.some(({ self, readSeq }) => !self && readSeq >= last),
			);
		},
	],
	[
		"bob sees that I write, and I see that he is here",
		async ({ device, bob, chat }) => {
			await device.typing(chat, true);
			await until("bob sees it", () => bob.events.some(({ type }) => type === "typing"));
			for (const one of [device, bob.device]) await one.setPresenceAudience("everyone");
			await bob.device.here();
			await until("he is seen", async () => (await device.watchPresence(bob.account)).online);
			return device.presenceAudience();
		},
	],
	["the chat, as the command has it", command("history", ({ chat }) => chat)],
	[
		"make a group",
		async (side) => {
			side.group = await side.device.createGroup("Choir", [side.bob.account]);
			return side.device.conversation(side.group);
		},
	],
	["add carla", ({ device, group, carla }) => device.addMembers(group, [carla.account])],
	["name the group anew", ({ device, group }) => device.renameGroup(group, "Quartet")],
	[
		"write to the group",
		async ({ device, group }) => {
			// Its place there depends on when Carla's device has said her name.
			const { seq: _place, ...answer } = await say(device, group, "hello all");
			return answer;
		},
	],
	["the group, as the command has it", command("group", "info", ({ group }) => group)],
	["remove carla", ({ device, group, carla }) => device.removeMembers(group, [carla.account])],
	["leave the group", ({ device, group }) => device.leave(group)],
	["write to a group that I left", ({ device, group }) => device.send(group, "still here?"), "refused"],
	["the safety number with bob", ({ device, bob }) => device.safetyNumber(bob.account)],
	[
		"say by what I am found, and find bob by name, by link and in my address book",
		async ({ device, bob, phone }) => {
			const hidden = [(await device.setFindable("nobody")).byNumber, (await device.setFindable("everyone")).byNumber];
			const named = (await device.setUsername(`me.${phone.slice(-4)}`)).username !== undefined;
			const linked = (await device.makeContactLink()).link.state;
			const { username, link } = await device.removeUsername().then(() => device.revokeContactLink());
			const card = `BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bob\r\nTEL:${bob.phone}\r\nEND:VCARD\r\n`;
			const name = (await bob.device.setUsername(`bob.${phone.slice(-4)}`)).username ?? "";
			const bobs = (await bob.device.makeContactLink()).link;
			const found = [
				await device.findByUsername(name),
				await device.openContactLink(bobs.state === "here" ? bobs.address : ""),
				await device.importVcards(new TextEncoder().encode(card), false),
				await device.checkContacts(),
				await device.addressBook(),
				await device.forgetContacts(),
			];
			return [hidden, named, linked, username, link, found];
		},
	],
	[
		"report bob, block him and unblock him",
		async ({ device, bob }) => {
			await device.report(bob.account, "spam");
			await device.block(bob.account);
			const blocked = await device.blocked();
			await device.unblock(bob.account);
			return [blocked, await device.blocked(), await device.limits()];
		},
	],
	["which businesses there are", command("business", "list")],
	[
		"allow a business to advertise",
		async ({ device, shop }) => [
			await device.setBusinessPreference(shop.account, "marketing", "allowed"),
			await device.businesses(),
		],
	],
	[
		"write to the business",
		async ({ device, shop }) => say(device, await device.openDirect(shop.account), "open today?"),
	],
	[
		"my devices, my name, my settings, where I live, and a PIN for my number",
		async ({ device }) => {
			await device.rename("Myself");
			const lives = await device.describePerson({ declaredRegion: "DE" });
			await device.setRegistrationLock("kitten2026");
			const locked = await device.registrationLock();
			await device.removeRegistrationLock();
			await device.setPhoto(new Uint8Array([0xff, 0xd8, 0xff, 0xda, 0, 3, 0, 1, 0xff, 0xd9]));
			await device.setProfileAudiences({ number: "contacts" });
			const shown = (await device.removePhoto()).audiences;
			return [
				shown,
				...[lives, locked, await device.devices(), await device.self(), await device.push()],
				await device.changeSettings({ readReceipts: false }),
			];
		},
	],
	["export everything", async (side) => command("export", "--out", join(side.dir, "export"))(side)],
	[
		"new terms come, are shown, and accepted by command",
		async (side) => {
			const shown = await side.device.confirmNotice(3);
			return [shown, await command("accept", "3")(side), await side.device.sharing()];
		},
	],
	[
		"take another number, and delete the account",
		async ({ device, phone }) => {
			const next = NEXT[phone] ?? "";
			const { attempt } = await device.requestNumberCode(next);
			const asked = await device.verifyNumberCode(attempt, town.world.code(next));
			const changed = await device.changeNumber(attempt, "buttons");
			return [asked, changed.phone, await device.self(), await device.deleteAccount()];
		},
	],
];

/** Why a method is in no script of a person's. `messenger/terms/suspension.test.ts` asks each of them as well, empty. */
const NOT_IN_THE_SCRIPT: Readonly<Record<string, string>> = {
	GetProfilePhoto: "what others do with a picture",
	UnlockNumber: "with the PIN of a number that somebody holds",
	ResendCode: "before there is an account",
	PublishDeviceList: "when a device is linked or removed (client/stories/linking.test.ts)",
	OpenMailbox: "before there is an account",
	PutLetter: "when a device is linked",
	TakeLetter: "when a device is linked",
	CloseMailbox: "when a device is linked",
	TellOwnDevices: "where the account has several devices",
	SubscribePush: "with a push service (client/stories/waking.test.ts)",
	UnsubscribePush: "with a push service",
	PublishKeyPackages: "when they run out",
	PutTemplate: "businesses only",
	GetTemplate: "when a business sends one",
	GetConsentReceipt: "businesses only",
	ObjectToAction: "to a limit, and neither has one",
	PutArchivePart: "when a device is linked",
	GetArchivePart: "when a device is linked",
	ListArchives: "when a device is linked",
	DeleteArchive: "when a device is linked",
};

/** What differs because they are two people, or because the answers to the choices are shown, is taken out. */
function comparable(value: unknown, { dir }: Side): unknown {
	const names = new Map<string, string>();
	const nameOf = (kind: string, text: string) => {
		const known = names.get(text) ?? `${kind} ${names.size}`;
		names.set(text, known);
		return known;
	};
	const plain = (text: string) =>
		text
			.replaceAll(dir, "DIR")
			.replaceAll(/\b[0-9a-f]{32,}\b/g, (id) => nameOf("id", id))
			.replaceAll(/\+1555\d{7}/g, (number) => nameOf("number", number))
			.replaceAll(/#\/verify\/[\w-]+/g, "#/verify/CODE")
			.replaceAll(/^\d{5}$/g, "digits");
	const walk = (part: unknown): unknown => {
		if (typeof part === "string") return plain(part);
		if (typeof part === "number") return part > 1e12 ? "a time" : part;
		if (Array.isArray(part)) return part.map(walk);
		if (typeof part !== "object" || part === null) return part;
		return Object.fromEntries(
			Object.entries(part)
				.filter(([key, inner]) => !(key === "choices" || PASSING.has(key) || inner === "Carla"))
				.map(([key, inner]) => [key, walk(inner)]),
		);
	};
	return walk(value);
}

/** How far things have come at others, at this moment; so does Carla's name, which comes when she has said it. */
const PASSING: ReadonlySet<string> = new Set(["delivery", "deliveredSeq", "readSeq"]);

interface Answer {
	readonly value: unknown;
	readonly refused: boolean;
}

async function answer(side: Side, act: Act[1]): Promise<Answer> {
	try {
		return { value: comparable(await act(side), side), refused: false };
	} catch (error) {
		if (!isRefusal(error)) throw error;
		return { value: comparable({ code: error.code, message: error.message, ...error.fields }, side), refused: true };
	}
}

test(`${ACTS.length} acts are answered alike, whatever was said about sharing`, async () => {
	const [yes, no] = sides;
	assert.ok(yes !== undefined && no !== undefined && ACTS.length === 31);
	for (const [name, act, outcome] of ACTS) {
		if (name.startsWith("new terms")) await town.publish("opt-in", 3);
		const [toYes, toNo]: readonly Answer[] = await Promise.all([answer(yes, act), answer(no, act)]);
		assert.equal(toYes?.refused, outcome === "refused", `${name}: ${JSON.stringify(toYes?.value)}`);
		assert.deepEqual(toNo, toYes, name);
	}
});

test("nothing of the no ever left, and what the yes had shared is given up with the account", async () => {
	await until("the recalls are acknowledged", async () => {
		await town.door.tick();
		return town.family.kept.size + town.photos.kept.size === 0;
	});
	for (const { taken } of [town.family, town.photos])
		assert.ok(
			!taken.some(({ values }) => [NO, NEXT[NO]].some((number) => Object.values(values).includes(number ?? ""))),
		);
	assert.ok(town.family.taken.some(({ values }) => Object.values(values).includes(YES)));
});

test("the script went through every method that a person's device calls", () => {
	// Devices see to their stock of key packages in the background, the commands' own devices too.
	called.delete("PublishKeyPackages");
	const names = METHODS.map(({ method }) => method.name);
	assert.deepEqual(names.filter((name) => !called.has(name)).sort(), Object.keys(NOT_IN_THE_SCRIPT).sort());
});
