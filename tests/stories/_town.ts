/** People of a story: a real messenger in a process of its own, and real devices on it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Device, DeviceEvent, MessageView } from "@troth/client/device/api.ts";
import { openProfile, registerProfile } from "@troth/client/device/open.node.ts";
import type { AccountId, ConversationId } from "@troth/protocol";
import type { MessengerFacts, MessengerProcessOptions } from "@troth/world/processes/messenger.ts";
import { freePorts } from "@troth/world/supervision/ports.ts";
import { SupervisedService } from "@troth/world/supervision/supervised-service.ts";

type Node = SupervisedService<MessengerProcessOptions, MessengerFacts>;

/** A messenger with its files in a temporary directory, and everyone who lives there. */
export class Town implements AsyncDisposable {
	readonly dataDir: string;
	readonly node: Node;
	/** Where devices connect; another address than the node's when something stands in between. */
	server: string;
	readonly #directory: string;
	readonly #codes: Map<string, string>;
	readonly #log: string[];

	private constructor(directory: string, node: Node, codes: Map<string, string>, log: string[]) {
		this.#directory = directory;
		this.dataDir = join(directory, "messenger");
		this.node = node;
		this.server = node.facts.url;
		this.#codes = codes;
		this.#log = log;
	}

	static async found(): Promise<Town> {
		const directory = await mkdtemp(join(tmpdir(), "troth-town-"));
		const codes = new Map<string, string>();
		const log: string[] = [];
		const [port = 0] = await freePorts(1);
		const node = await SupervisedService.start<MessengerProcessOptions, MessengerFacts>(
			{
				name: "messenger",
				module: new URL(import.meta.resolve("@troth/world/processes/messenger.ts")),
				options: { stores: { kind: "sqlite", directory: join(directory, "messenger") }, port, codes: "told" },
				standby: true,
			},
			{
				onEvent: ({ phone, code }) => codes.set(phone, code),
				onOutput: (text) => log.push(text),
			},
		);
		return new Town(directory, node, codes, log);
	}

	/** Everything the server printed. */
	get log(): string {
		return this.#log.join("");
	}

	/** Registers somebody, terms accepted; the profile is not open. @param last the number's last four digits */
	async register(name: string, last: string): Promise<Resident> {
		const resident = { name, phone: `+1555010${last}`, profile: join(this.#directory, name) };
		await registerProfile({
			dir: resident.profile,
			server: this.server,
			phone: resident.phone,
			name,
			code: async () => this.#codes.get(resident.phone) ?? "",
			acceptTerms: true,
		});
		return resident;
	}

	/** Registers somebody and opens their device. */
	async welcome(name: string, last: string): Promise<Device> {
		return this.open(await this.register(name, last));
	}

	async open({ profile }: Resident): Promise<Device> {
		const device = await openProfile({ dir: profile });
		await device.caughtUp();
		return device;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.node[Symbol.asyncDispose]();
		await rm(this.#directory, { recursive: true, force: true });
	}
}

export interface Resident {
	readonly name: string;
	readonly phone: string;
	readonly profile: string;
}

/** Resolves with the first event that passes, from now on. */
export function nextEvent<Found extends DeviceEvent>(
	device: Device,
	passes: (event: DeviceEvent) => event is Found,
): Promise<Found> {
	return new Promise((resolve) => {
		const stop = device.subscribe((event) => {
			if (!passes(event)) return;
			stop();
			resolve(event);
		});
	});
}

/** Resolves when `holds` does, looking again after each event of the device. */
export async function until<Value>(device: Device, look: () => Promise<Value | undefined>): Promise<Value> {
	let wake = () => {};
	const stop = device.subscribe(() => wake());
	try {
		for (;;) {
			const changed = new Promise<void>((resolve) => {
				wake = resolve;
			});
			const value = await look();
			if (value !== undefined) return value;
			await changed;
		}
	} finally {
		stop();
	}
}

/** The texts a device has of a conversation, oldest first, others' and own. */
export async function textsOf(device: Device, conversation: ConversationId): Promise<readonly string[]> {
	return (await device.messages(conversation, { limit: 10_000 })).flatMap(textOf);
}

export function textOf({ body }: MessageView): readonly string[] {
	return body.kind === "text" ? [body.text] : [];
}

/** Waits until a device has this text in a conversation. */
export async function hears(device: Device, text: string): Promise<MessageView> {
	return until(device, async () => {
		for (const { id } of await device.conversations()) {
			const found = (await device.messages(id, { limit: 10_000 })).find((message) => textOf(message).includes(text));
			if (found !== undefined) return found;
		}
		return undefined;
	});
}

/** Sends and waits until the server has stored it. */
export async function say(device: Device, conversation: ConversationId, text: string): Promise<number> {
	const { id } = await device.send(conversation, text);
	if (id === undefined) throw new TypeError("a sent message has an id");
	return (await device.stored(conversation, id)).seq;
}

export async function account(device: Device): Promise<AccountId> {
	return (await device.self()).account;
}
