/**
 * Everything this device has, as files in an open format (`docs/export.md`): JSON with its schema beside it, a page to read
 * for each conversation, receipts as they were signed, and what the server has to say where it can be asked.
 */
import { type ConversationId, isRefusal } from "@troth/protocol";
import type { ConversationView, Device, MessageView } from "../device/api.ts";
import type { DeviceContext } from "../device/context.ts";
import { addressBook } from "../finding/address-book.ts";
import { writeVcards } from "../finding/write-vcards.ts";
import { Untrusted } from "../identity/untrusted.ts";
import { KEYS, within } from "../state/keys.ts";
import type { AccountRecord, MessageRecord } from "../state/records.ts";
import { isoTime, messageJson } from "./message-json.ts";
import { README } from "./readme.ts";
import { SCHEMAS } from "./schemas.ts";
import { indexPage, TRANSCRIPT_END, Transcript, titleOf, transcriptHead } from "./transcript.ts";

export interface ExportFile {
	/** With `/`, inside the export. */
	readonly path: string;
	/** UTC milliseconds. */
	readonly madeMs: number;
	/** Its content, in pieces. */
	readonly text: AsyncIterable<string>;
}

type ExportSource = Pick<DeviceContext, "state" | "views" | "session" | "serverNow">;

/** What an export asks of the device it is of. */
export type ExportDevice = Pick<
	Device,
	"self" | "settings" | "conversations" | "receipts" | "terms" | "devices" | "sharing" | "limits" | "shares" | "aboutMe"
>;

const PAGE = 200;

/** The files, one after the other: each has to be read to its end before the next one is asked for. */
export async function* exportFiles(source: ExportSource, device: ExportDevice): AsyncGenerator<ExportFile> {
	const madeMs = source.serverNow();
	const names: string[] = [];
	const file = (path: string, text: AsyncIterable<string>): ExportFile => {
		names.push(path);
		return { path, madeMs, text };
	};
	const json = (path: string, value: unknown) => file(path, whole(`${JSON.stringify(value, null, "\t")}\n`));
	const self = await device.self();

	yield file("README.txt", whole(README));
	const missing: string[] = [];
	yield json("account.json", await accountOf(source, device, missing));
	const people = peopleOf(source);
	yield json("people.json", people);
	const contacts = addressBook(source);
	if (contacts.length > 0) yield file("contacts.vcf", whole(await writeVcards(contacts)));

	const listed: { readonly view: ConversationView; readonly messages: number; readonly path: string }[] = [];
	for (const view of await device.conversations()) {
		const folder = `conversations/${view.id}`;
		let messages = 0;
		const counting = async function* () {
			for await (const message of messagesOf(source, view.id)) {
				messages++;
				yield message;
			}
		};
		yield file(`${folder}/messages.json`, asList(counting()));
		const counted = messages;
		yield file(`${folder}/transcript.html`, asPage(view, messagesOf(source, view.id)));
		listed.push({ view, messages: counted, path: `${folder}/transcript.html` });
	}
	yield json("conversations.json", listed.map(conversationOf));
	yield file("index.html", whole(indexPage(self.name, isoTime(madeMs), listed)));

	const receipts = await device.receipts();
	for (const { event, document } of receipts) yield file(`receipts/${event}.jsonld`, whole(document));
	const shares = await answered(source, "shares", missing, () => device.shares());
	if (shares !== undefined) yield json("shares.json", shares);
	const known = await answered(source, "server", missing, () => device.aboutMe());
	if (known !== undefined) yield json("server.json", known);
	for (const [name, schema] of Object.entries(SCHEMAS)) yield json(`schemas/${name}.schema.json`, schema);
	yield json("manifest.json", {
		format: "troth-export/2",
		made: isoTime(madeMs),
		account: self.account,
		server: self.server,
		conversations: listed.length,
		messages: listed.reduce((sum, { messages }) => sum + messages, 0),
		people: people.length,
		receipts: receipts.length,
		missing,
		files: names,
	});
}

/** What the server says; undefined, and noted, where it does not. What does not verify is not exported as if it did. */
async function answered<T>(
	{ session }: ExportSource,
	name: string,
	missing: string[],
	ask: () => Promise<T>,
): Promise<T | undefined> {
	try {
		if (session.attached) return await ask();
	} catch (error) {
		if (!isRefusal(error) && !(error instanceof Untrusted)) throw error;
	}
	missing.push(name);
	return undefined;
}

async function accountOf(source: ExportSource, device: ExportDevice, missing: string[]) {
	const ask = <T>(name: string, question: () => Promise<T>) => answered(source, name, missing, question);
	const terms = await ask("acceptedTerms", () => device.terms());
	const devices = await ask("devices", () => device.devices());
	const standing = await ask("standing", () => device.sharing());
	const limits = await ask("limits", () => device.limits());
	return {
		...(await device.self()),
		settings: await device.settings(),
		acceptedTerms: terms?.acceptedVersion,
		devices: devices?.map(({ device: id, own, name, kind, addedAtMs, lastAttachedMs }) => ({
			device: id,
			own,
			name,
			kind,
			added: isoTime(addedAtMs),
			lastAttached: lastAttachedMs === undefined ? undefined : isoTime(lastAttachedMs),
		})),
		standing,
		limits,
	};
}

/** Everybody this device knows of, the person themselves first. */
function peopleOf({ state, views }: ExportSource) {
	const records = [...state.keptWithin<AccountRecord>(KEYS.accounts)];
	return records
		.map(({ account, blocked }) => {
			const { name, phone, self } = views.person(account);
			return { account, name, phone, blocked, self };
		})
		.sort((a, b) => Number(b.self) - Number(a.self) || ((a.name ?? "") < (b.name ?? "") ? -1 : 1));
}

function conversationOf({ view, messages, path }: { view: ConversationView; messages: number; path: string }) {
	const { id, kind, members, ended, activityMs } = view;
	return {
		id,
		kind,
		title: titleOf(view),
		members: members.map(({ account, role }) => ({ account, role })),
		ended,
		messages,
		lastActivity: isoTime(activityMs),
		files: { messages: path.replace("transcript.html", "messages.json"), transcript: path },
	};
}

/** Oldest first, those of conversations that this one continues before its own. */
async function* messagesOf({ state, views }: ExportSource, newest: ConversationId): AsyncGenerator<MessageView> {
	const parts = [newest];
	for (;;) {
		const before = state.kept(KEYS.conversation(parts[0] ?? newest))?.continues;
		if (before === undefined || parts.includes(before)) break;
		parts.unshift(before);
	}
	for (const id of parts) {
		let [from, to] = within(KEYS.messages(id));
		for (;;) {
			const rows = await state.range<MessageRecord>([from, to], { limit: PAGE });
			for (const row of rows) yield views.message(id, row);
			const last = rows.at(-1);
			if (last === undefined || rows.length < PAGE) break;
			// The next key there can be.
			from = `${KEYS.message(id, last.key)} `;
		}
	}
}

async function* whole(text: string): AsyncGenerator<string> {
	yield text;
}

/** Long messages and many of them make pieces of about this size. */
const PIECE_CHARACTERS = 64 * 1024;

async function* asList(messages: AsyncIterable<MessageView>): AsyncGenerator<string> {
	let text = "[";
	let first = true;
	for await (const message of messages) {
		text += `${first ? "" : ","}\n${JSON.stringify(messageJson(message))}`;
		first = false;
		if (text.length > PIECE_CHARACTERS) {
			yield text;
			text = "";
		}
	}
	yield `${text}\n]\n`;
}

async function* asPage(view: ConversationView, messages: AsyncIterable<MessageView>): AsyncGenerator<string> {
	const names = view.members.map(({ name, phone, account }) => name ?? phone ?? account.slice(0, 8)).join(", ");
	let text = transcriptHead(titleOf(view), `Times are UTC. Members: ${names}.`);
	const transcript = new Transcript();
	for await (const message of messages) {
		text += transcript.line(message);
		if (text.length > PIECE_CHARACTERS) {
			yield text;
			text = "";
		}
	}
	yield text + TRANSCRIPT_END;
}
