/** Delivery on real sockets and real stores, with people whose devices are listed. Accounts are a map. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	AuthenticatedDataSchema,
	type Clock,
	type ConversationId,
	type DeviceId,
	ID_BYTES,
	idBytes,
	SystemClock,
	toHex,
} from "@troth/protocol";
import { type BlobStore, type HintBus, type LogStore, openBlobs, openHints, openLogs } from "@troth/storage";
import { encodePrivateMessage } from "ts-mls/privateMessage.js";
import { newDevice, type TestDevice } from "../_identities.ts";
import type { AccountDirectory } from "../accounts/directory.ts";
import { NO_BUSINESSES } from "../business/_no-businesses.ts";
import type { DeliveryDependencies, Directory, Service } from "../context.ts";
import { directAlias } from "../conversations/direct-alias.ts";
import { Events } from "../events.ts";
import { temporarySecrets } from "../secrets.ts";
import { DeviceSessions } from "../sessions/sessions.ts";
import { type ClientOptions, TestClient } from "./_client.ts";
import type { Timing } from "./exchange.ts";
import { attachStream, type OpenDelivery, openDelivery } from "./index.ts";
import type { OwnersLimits } from "./log-owners.ts";

export interface TestPerson {
	readonly name: string;
	readonly account: AccountId;
	/** The first device. */
	readonly phone: TestDevice;
	readonly devices: TestDevice[];
}

export class TestDirectory implements Directory {
	readonly people: TestPerson[] = [];
	readonly blocks = new Map<AccountId, Set<AccountId>>();
	readonly suspended = new Set<AccountId>();
	readonly removed = new Set<DeviceId>();
	readonly attached = new Set<DeviceId>();

	/** As the sessions ask: also removed devices. */
	async known(device: DeviceId) {
		const person = this.people.find(({ devices }) => devices.some((one) => one.device === device));
		const signatureKey = person?.devices.find((one) => one.device === device)?.signer.publicKey;
		if (person === undefined || signatureKey === undefined) return undefined;
		return { account: person.account, signatureKey, removed: this.removed.has(device) };
	}

	async device(device: DeviceId) {
		const known = await this.known(device);
		return known?.removed === false ? known : undefined;
	}

	async devicesOf(account: AccountId) {
		const devices = this.people.find((person) => person.account === account)?.devices ?? [];
		return devices
			.filter(({ device }) => !this.removed.has(device))
			.map(({ device, signer }) => ({ device, signatureKey: signer.publicKey }));
	}

	async blockedBy(account: AccountId): Promise<ReadonlySet<AccountId>> {
		return new Set(this.blocks.get(account));
	}

	async service(account: AccountId): Promise<Service> {
		if (this.suspended.has(account)) return { open: false, code: "SUSPENDED" };
		return { open: true, untilMs: Number.POSITIVE_INFINITY };
	}

	noteAttached(device: DeviceId, attached: boolean): void {
		if (attached) this.attached.add(device);
		else this.attached.delete(device);
	}
}

export type StoreKind = "memory" | "sqlite";

export interface WorldOptions {
	readonly store?: StoreKind;
	readonly clock?: Clock;
	readonly timing?: Partial<Timing>;
	readonly owners?: OwnersLimits;
	readonly backlogEntries?: number;
	/** Puts something between delivery and its store. */
	readonly wrapLogs?: (logs: LogStore) => LogStore;
	/** Shares stores and people with another world: two nodes. */
	readonly beside?: TestWorld;
	readonly hints?: HintBus;
}

export class TestWorld implements AsyncDisposable {
	readonly clock: Clock;
	readonly directory: TestDirectory;
	readonly blobs: BlobStore;
	readonly log: string[] = [];
	url = "";
	delivery!: OpenDelivery;
	dependencies!: DeliveryDependencies;
	logs!: LogStore;
	readonly #options: WorldOptions;
	readonly #secrets = temporarySecrets();
	readonly #hints: HintBus;
	#server!: Server;
	#folder: string | undefined;

	private constructor(options: WorldOptions, blobs: BlobStore, hints: HintBus) {
		this.#options = options;
		this.clock = options.clock ?? new SystemClock();
		this.directory = options.beside?.directory ?? new TestDirectory();
		this.blobs = options.beside?.blobs ?? blobs;
		this.#hints = hints;
	}

	static async open(options: WorldOptions = {}): Promise<TestWorld> {
		const hints = options.hints ?? (await openHints({ kind: "process" }));
		const world = new TestWorld(options, await openBlobs({ kind: "memory" }), hints);
		if (options.store === "sqlite") world.#folder = await mkdtemp(join(tmpdir(), "troth-delivery-"));
		await world.#start(0);
		return world;
	}

	async #start(port: number): Promise<void> {
		const logs = this.#options.beside?.logs ?? (await this.#openLogs());
		this.logs = this.#options.wrapLogs?.(logs) ?? logs;
		this.#server = createServer().listen(port, "127.0.0.1");
		await once(this.#server, "listening");
		this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
		const { clock, directory, blobs } = this;
		const sessions = new DeviceSessions(clock, this.#secrets, directory as unknown as AccountDirectory, this.url);
		this.dependencies = {
			...{ clock, directory, blobs, sessions, logs: this.logs, hints: this.#hints, origin: this.url },
			businesses: NO_BUSINESSES,
			...{ secrets: this.#secrets, events: new Events(clock, (line) => this.log.push(line)) },
		};
		const { timing, owners, backlogEntries } = this.#options;
		this.delivery = openDelivery(this.dependencies, {
			...(timing && { timing }),
			...(owners && { owners }),
			...(backlogEntries !== undefined && { backlogEntries }),
		});
		attachStream(this.#server, this);
	}

	async #openLogs(): Promise<LogStore> {
		if (this.#folder === undefined) return this.logs ?? openLogs({ kind: "memory" });
		return openLogs({ kind: "sqlite", path: join(this.#folder, "logs.db") });
	}

	/** What endpoints get. */
	get context() {
		return { ...this.dependencies, delivery: this.delivery };
	}

	// ── People ───────────────────────────────────────────────────────────────────────────────────────────────────

	/** A person with one device and its log. */
	async person(name: string, phone: TestDevice = newDevice()): Promise<TestPerson> {
		const person = { name, account: toHex(randomBytes(ID_BYTES)) as AccountId, phone, devices: [phone] };
		this.directory.people.push(person);
		await this.delivery.openDeviceLog(person.account, phone.device);
		return person;
	}

	/** One more device of a person. */
	async linkDevice(person: TestPerson, device: TestDevice = newDevice()): Promise<TestDevice> {
		person.devices.push(device);
		await this.delivery.openDeviceLog(person.account, device.device);
		return device;
	}

	/** A conversation in epoch 1, put into the store as a first commit would have left it; the first one is admin. */
	async conversation(kind: "direct" | "group", ...people: readonly TestPerson[]): Promise<ConversationId> {
		const log = newConversation();
		const [first, second] = people;
		const tree = await this.blobs.put(new TextEncoder().encode("a tree"));
		const group = { kind, epoch: 1, groupInfo: new Uint8Array([1]), tree, treeBytes: 6 };
		const alias = kind === "direct" && first && second ? directAlias(first.account, second.account) : undefined;
		const devices = people.flatMap((person) => person.devices.map(({ device }) => ({ person, device })));
		await this.logs.write([
			{ kind: "create", log, group, alias },
			...devices.map(({ person, device }, leaf) => ({
				kind: "subscribe" as const,
				subscription: {
					...{
						log,
						device,
						leaf,
						account: person.account,
						role: person === first ? ("admin" as const) : ("member" as const),
					},
					...{ from: 0, acked: 0, floor: 0, until: undefined },
				},
			})),
		]);
		return log;
	}

	attach(who: TestPerson | TestDevice, options?: ClientOptions): Promise<TestClient> {
		return TestClient.attach(this.url, "phone" in who ? who.phone : who, options);
	}

	// ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────

	async #stop(): Promise<void> {
		const closed = once(this.#server, "close");
		this.#server.close();
		await this.delivery[Symbol.asyncDispose]();
		this.#server.closeAllConnections();
		await closed;
		if (this.#folder !== undefined) await this.logs[Symbol.asyncDispose]();
	}

	/** Ends the server and starts it again on the same store and port. */
	async restart(): Promise<void> {
		const port = Number(new URL(this.url).port);
		await this.#stop();
		await this.#start(port);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#stop();
		if (this.#folder !== undefined) await rm(this.#folder, { recursive: true });
	}
}

export function newConversation(): ConversationId {
	return toHex(randomBytes(ID_BYTES)) as ConversationId;
}

export interface MessageShape {
	readonly epoch?: number;
	readonly text?: string;
	readonly frankingCommitment?: Uint8Array;
	/** The number inside; the same as outside unless a test lies. */
	readonly authenticates?: number;
}

/** An MLSMessage as the server sees one: a true header around bytes that nobody here can read. */
export function sealedMessage(log: ConversationId, clientSeq: number, shape: MessageShape = {}): Uint8Array {
	const data = create(AuthenticatedDataSchema, {
		clientSeq: shape.authenticates ?? clientSeq,
		...(shape.frankingCommitment !== undefined && { frankingCommitment: new Uint8Array(shape.frankingCommitment) }),
	});
	const message = encodePrivateMessage({
		groupId: idBytes(log),
		epoch: BigInt(shape.epoch ?? 1),
		contentType: "application",
		authenticatedData: toBinary(AuthenticatedDataSchema, data),
		encryptedSenderData: new Uint8Array(28).fill(5),
		ciphertext: new TextEncoder().encode(shape.text ?? `message ${clientSeq}`),
	});
	return new Uint8Array([0, 1, 0, 2, ...message]);
}
