/** Somebody with a device: the real client over a simulated disk, network and clock. */
import type { AccountId, DeviceId } from "@troth/protocol";
import type { Device, Self } from "../../client/device/api.ts";
import { openDevice } from "../../client/device/open-device.ts";
import type { DevicePorts } from "../../client/device/ports.ts";
import { createJoining } from "../../client/linking/new-device.ts";
import type { MlsEngine } from "../../client/mls/engine.ts";
import { createRegistration } from "../../client/registration/register.ts";
import { KEYS } from "../../client/state/keys.ts";
import type { LogRecord, ProfileRecord } from "../../client/state/records.ts";
import type { MemoryData } from "../../client/store/memory.ts";
import { decode } from "./books.ts";
import { type DeviceDisk, openDeviceDisk } from "./device-disk.ts";
import type { Dice } from "./dice.ts";
import { type Host, Life } from "./life.ts";
import type { Link } from "./link.ts";
import type { Network } from "./network.ts";
import { ORIGIN } from "./node.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Trace } from "./trace.ts";

export interface PersonSurroundings {
	readonly scheduler: Scheduler;
	readonly dice: Dice;
	readonly network: Network;
	readonly trace: Trace;
	readonly codes: ReadonlyMap<string, string>;
	/** The engine of this person's device. */
	engine(person: Person): MlsEngine;
	/** Something lies on this person's disk. */
	durable(person: Person, batch: ReadonlyMap<string, Uint8Array | undefined>): void;
}

/** What is left of a person between two runs. */
export interface PersonImage {
	readonly name: string;
	readonly phone: string;
	readonly self: Self;
	readonly data: ReadonlyMap<string, Uint8Array>;
	readonly linked: Linked | undefined;
}

/** By whom a device was linked, and how far that one was in its logs. */
interface Linked {
	readonly by: DeviceId;
	readonly positions: ReadonlyMap<string, number>;
}

/** Why a device may not go on. */
type End = NonNullable<ProfileRecord["halted"]>;

export class Person {
	readonly name: string;
	readonly phone: string;
	readonly host: Host;
	readonly link: Link;
	readonly disk: DeviceDisk;
	/** What it began with: the history of the device that linked it. */
	linked: Linked | undefined;
	/** As its own disk has it, and the ends that others gave it reason for. */
	halted: End | undefined;
	readonly mayEnd = new Set<End>();
	#self: Self | undefined;
	#device: Device | undefined;
	#life: Life | undefined;
	readonly #around: PersonSurroundings;

	constructor(name: string, phone: string, around: PersonSurroundings, data: MemoryData = new Map()) {
		this.name = name;
		this.phone = phone;
		this.host = { name, clockErrorMs: 0 };
		this.link = { device: name, home: "node-1", down: false, loss: 0, stalled: false, latencyMs: 20, age: "equal" };
		this.disk = { data, full: false, durable: (batch) => around.durable(this, batch) };
		this.#around = around;
	}

	static from(image: PersonImage, around: PersonSurroundings): Person {
		const data = new Map([...image.data].map(([key, value]) => [key, Uint8Array.from(value)]));
		const person = new Person(image.name, image.phone, around, data);
		person.#self = image.self;
		person.linked = image.linked;
		return person;
	}

	image(): PersonImage {
		const { name, phone, self, linked } = this;
		return { name, phone, self, data: new Map(this.disk.data), linked };
	}

	get self(): Self {
		if (this.#self === undefined) throw new Error(`${this.name} has no account`);
		return this.#self;
	}

	get hasAccount(): boolean {
		return this.#self !== undefined;
	}

	get account(): AccountId {
		return this.self.account;
	}

	get deviceId(): DeviceId {
		return this.self.device;
	}

	/** The running device; undefined while it is off. */
	get device(): Device | undefined {
		return this.#device;
	}

	async register(): Promise<void> {
		const life = new Life(this.host, this.#around.scheduler);
		const registration = createRegistration(this.#ports(life));
		const { attempt } = await registration.requestCode(ORIGIN, this.phone);
		await registration.verifyCode(ORIGIN, attempt, this.#around.codes.get(this.phone) ?? "");
		this.#self = await registration.createAccount(ORIGIN, attempt, this.name);
		life.kill();
		await this.open();
		await this.device?.acceptTerms((await this.device.terms()).version);
		await this.device?.caughtUp();
	}

	/** Becomes another device of the account that `owner` is of. Rejects where it does not come to that. */
	async join(owner: Person): Promise<void> {
		const there = owner.device;
		if (there === undefined) return;
		const life = new Life(this.host, this.#around.scheduler);
		try {
			const joining = createJoining(this.#ports(life));
			const { address } = await joining.beginLink(ORIGIN, this.name);
			const finished = joining.finishLink();
			// Whether it was refused is heard below, also where the other device did not get so far.
			finished.catch(() => {});
			const { link } = await there.openLink(address);
			this.linked = { by: owner.deviceId, positions: owner.positions() };
			await there.confirmLink(link);
			this.#self = await finished;
		} finally {
			life.kill();
		}
	}

	/** How far this device's disk is in each of its logs. */
	positions(): ReadonlyMap<string, number> {
		const logs = [...this.disk.data].filter(([key]) => key.startsWith(KEYS.logs));
		return new Map(logs.map(([key, value]) => [key.slice(KEYS.logs.length), decode<LogRecord>(value).seq]));
	}

	/** Switches the device on. Rejects where its disk can not be read. */
	async open(): Promise<void> {
		if (this.#life !== undefined) return;
		const life = new Life(this.host, this.#around.scheduler);
		this.#life = life;
		this.#around.trace.note(this.name, "is switched on");
		const device = await openDevice(this.#ports(life));
		if (life.alive) this.#device = device;
	}

	/** The device dies between two steps of whatever it did. */
	crash(): void {
		if (this.#life === undefined) return;
		this.#around.trace.note(this.name, "crashes");
		this.#life.kill();
		this.#life = undefined;
		this.#device = undefined;
	}

	/** The app is closed properly. */
	async close(): Promise<void> {
		const [life, device] = [this.#life, this.#device];
		if (device === undefined) return;
		this.#around.trace.note(this.name, "is switched off");
		this.#device = undefined;
		await device[Symbol.asyncDispose]();
		life?.kill();
		if (this.#life === life) this.#life = undefined;
	}

	#ports(life: Life): DevicePorts {
		const { dice, network } = this.#around;
		return {
			clock: life,
			store: openDeviceDisk(this.disk, life, dice),
			engine: this.#around.engine(this),
			random: (length) => {
				const bytes = new Uint8Array(length);
				dice.fill(bytes);
				return bytes;
			},
			fetch: network.fetch(life, this.link),
			openSocket: network.openSocket(life, this.link),
			facts: { deviceType: "computer", os: "Linux", appVersion: "1.0.0" },
		};
	}
}
