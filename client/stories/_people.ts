/** People with real devices on a real messenger in this process. */
import { SystemClock } from "@troth/protocol";
import { type MessengerOptions, startMessenger } from "../../messenger/server.ts";
import type { Device, DeviceEvent, MessageView, Self } from "../device/api.ts";
import { nodePorts } from "../device/open.node.ts";
import { openDevice } from "../device/open-device.ts";
import type { DevicePorts } from "../device/ports.ts";
import { createRegistration } from "../registration/register.ts";
import { type MemoryData, MemoryStore } from "../store/memory.ts";

export interface TestWorld extends AsyncDisposable {
	readonly url: string;
	/** Ends the messenger; `start` starts it again on the same port, with the data of its folder. */
	stop(): Promise<void>;
	start(): Promise<void>;
	readonly clock: SystemClock;
	/** The last code sent to a number. */
	code(phone: string): string;
	/** Registers a person, terms accepted, device connected and caught up. */
	person(name: string, options?: PersonOptions): Promise<Person>;
	/** Whose devices end with the world. */
	readonly everybody: Set<Person>;
	/** What the server wrote to its log. */
	readonly log: readonly string[];
	/** What it counted since it was started. */
	counters(): ReadonlyMap<string, number>;
}

export interface PersonOptions {
	/** Puts something between the device and the world. */
	readonly ports?: (ports: DevicePorts) => DevicePorts;
	/** A number of its own where it is left out. */
	readonly phone?: string;
	/** True where it is left out. */
	readonly acceptTerms?: boolean;
}

let people = 0;

/** A story uses few, and a full stock for each device would be most of the time that most stories take. */
const KEY_PACKAGES = 6;

export interface WorldOptions
	extends Pick<MessengerOptions, "delivery" | "operatorToken" | "push" | "sharing" | "webRoot"> {
	/** Keeps the server's data in this folder; in memory where it is left out. */
	readonly directory?: string;
	readonly clock?: SystemClock;
}

export async function startWorld(options: WorldOptions = {}): Promise<TestWorld> {
	const { directory, clock = new SystemClock(), ...more } = options;
	const codes = new Map<string, string>();
	const log: string[] = [];
	const start = (port: number) =>
		startMessenger({
			clock,
			port,
			stores: directory === undefined ? { kind: "memory" } : { kind: "sqlite", directory },
			codes: { development: true, send: async () => {} },
			onCode: (phone, code) => codes.set(phone, code),
			log: (line) => log.push(line),
			...more,
		});
	let messenger = await start(0);
	const { url, port } = messenger;
	const world: TestWorld = {
		url,
		clock,
		async stop() {
			await messenger[Symbol.asyncDispose]();
		},
		async start() {
			messenger = await start(port);
		},
		log,
		counters: () => messenger.counters(),
		code: (phone) => codes.get(phone) ?? "",
		everybody: new Set(),
		person: (name, options = {}) => Person.register(world, name, options),
		async [Symbol.asyncDispose]() {
			for (const person of world.everybody) await person.close();
			await messenger[Symbol.asyncDispose]();
		},
	};
	return world;
}

/** Somebody with one device, whose store outlives it. */
export class Person {
	readonly name: string;
	readonly phone: string;
	readonly world: TestWorld;
	readonly events: DeviceEvent[] = [];
	data: MemoryData;
	self: Self | undefined;
	#options: PersonOptions;
	#device: Device | undefined;

	private constructor(world: TestWorld, name: string, options: PersonOptions) {
		this.world = world;
		this.name = name;
		this.phone = options.phone ?? `+1555010${(++people).toString().padStart(4, "0")}`;
		this.data = new Map();
		this.#options = options;
		world.everybody.add(this);
	}

	/** Somebody without an account. */
	static async unregistered(world: TestWorld, name: string, options: PersonOptions): Promise<Person> {
		return new Person(world, name, options);
	}

	/** Another process with a copy of the same profile. */
	static async twin(of: Person): Promise<Person> {
		const twin = new Person(of.world, of.name, { ...of.#options, phone: of.phone });
		twin.self = of.self;
		await twin.open(of.copy());
		return twin;
	}

	static async register(world: TestWorld, name: string, options: PersonOptions): Promise<Person> {
		const person = new Person(world, name, options);
		const registration = createRegistration(person.ports());
		const { attempt } = await registration.requestCode(world.url, person.phone);
		await registration.verifyCode(world.url, attempt, world.code(person.phone));
		person.self = await registration.createAccount(world.url, attempt, name);
		await person.open();
		if (options.acceptTerms !== false) await person.device.acceptTerms((await person.device.terms()).version);
		await person.device.caughtUp();
		return person;
	}

	ports(data: MemoryData = this.data): DevicePorts {
		const ports = { ...nodePorts(new MemoryStore(data), this.world.clock), keyPackageStock: KEY_PACKAGES };
		return this.#options.ports?.(ports) ?? ports;
	}

	get device(): Device {
		if (this.#device === undefined) throw new Error(`${this.name} is offline`);
		return this.#device;
	}

	get account() {
		if (this.self === undefined) throw new Error("not registered");
		return this.self.account;
	}

	async open(data?: MemoryData): Promise<Device> {
		if (data !== undefined) this.data = data;
		const device = await openDevice(this.ports());
		this.#device = device;
		device.subscribe((event) => this.events.push(event));
		return device;
	}

	/** Opens the device and waits until everything that waited is stored. */
	async comeBack(): Promise<Device> {
		const device = await this.open();
		await device.caughtUp();
		return device;
	}

	async close(): Promise<void> {
		await this.#device?.[Symbol.asyncDispose]();
		this.#device = undefined;
	}

	/** The process dies: nothing is finished, nothing more is written or sent, and the connection breaks. */
	async crash(man?: { frozen: boolean }): Promise<void> {
		if (man !== undefined) man.frozen = true;
		const kept = this.copy();
		await this.close();
		this.data = kept;
		if (man !== undefined) man.frozen = false;
	}

	/** What lies in the store at this moment. */
	copy(): MemoryData {
		return new Map([...this.data].map(([key, value]) => [key, Uint8Array.from(value)]));
	}

	/** Sends and waits until the server has it. */
	async say(conversation: Parameters<Device["send"]>[0], text: string): Promise<MessageView> {
		const message = await this.device.send(conversation, text);
		if (message.id !== undefined) await this.device.stored(conversation, message.id);
		return message;
	}

	/** All rows of a conversation. */
	async rows(conversation: Parameters<Device["send"]>[0]): Promise<readonly MessageView[]> {
		return this.device.messages(conversation, { limit: 1000 });
	}

	/** Texts only, as "name: text". */
	async texts(conversation: Parameters<Device["send"]>[0]): Promise<readonly string[]> {
		return (await this.rows(conversation)).flatMap(({ body, sender }) =>
			body.kind === "text" ? [`${sender?.name ?? "?"}: ${body.text}`] : [],
		);
	}
}

/** Waits until `probe` gives something; fails with `what` after so many looks, 20 ms apart. */
export async function until<T>(
	what: string,
	probe: () => Promise<T | undefined | false> | T | undefined | false,
	looks = 1000,
): Promise<T> {
	for (let i = 0; i < looks; i++) {
		const found = await probe();
		if (found !== undefined && found !== false) return found;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	throw new Error(`did not happen: ${what}`);
}
