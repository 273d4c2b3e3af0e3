/** The device of this origin, opened in the worker that holds the lock; before there is an account, registration. */
import type { Device, Joining, Self } from "@troth/client/device/api.ts";
import { openDomPorts } from "@troth/client/device/open.dom.ts";
import { hasProfile, openDevice } from "@troth/client/device/open-device.ts";
import type { DevicePorts } from "@troth/client/device/ports.ts";
import { createJoining } from "@troth/client/linking/new-device.ts";
import { createRegistration, type ResumableRegistration } from "@troth/client/registration/register.ts";
import { createRpc } from "@troth/client/sync/rpc.ts";
import { Refusal } from "@troth/protocol";
import { Drafts } from "./drafts.ts";
import type { HostEvent, HostState, MethodName, ServerFacts } from "./host.ts";
import type { Backend } from "./switchboard.ts";

/** Opens what there is. Never rejects: what failed is a state that the app shows. */
export async function openBackend(): Promise<Backend> {
	const backend = new DeviceBackend();
	await backend.open();
	return backend;
}

class DeviceBackend implements Backend {
	state: HostState = { state: "starting" };
	#ports: DevicePorts | undefined;
	#device: Device | undefined;
	#registration: ResumableRegistration | undefined;
	#joining: Joining | undefined;
	readonly #listeners = new Set<(event: HostEvent) => void>();

	async open(): Promise<void> {
		try {
			this.#ports = await openDomPorts();
			if (await hasProfile(this.#ports)) return await this.#openDevice(this.#ports);
			this.#registration = createRegistration(this.#ports);
			this.#joining = createJoining(this.#ports);
			// An account whose keys were published and whose answer got lost; without a network it stays for later.
			const resumed = await this.#registration.resume().catch(() => undefined);
			if (resumed !== undefined) return await this.#openDevice(this.#ports);
			this.#turn({ state: "unregistered" });
		} catch (error) {
			console.error("the device could not be opened", error);
			this.#turn({ state: "failed", code: codeOf(error) });
		}
	}

	subscribe(listener: (event: HostEvent) => void): void {
		this.#listeners.add(listener);
	}

	async call(method: MethodName, args: readonly unknown[]): Promise<unknown> {
		const provider = this.#providerOf(method);
		const callee: unknown = Reflect.get(provider, method);
		if (typeof callee !== "function") throw new Refusal("NOT_FOUND", "there is no account in this browser yet");
		return await callee.apply(provider, args);
	}

	/** Who answers this method. */
	#providerOf(method: MethodName): object {
		const ports = this.#require(this.#ports);
		switch (method) {
			case "draft":
			case "saveDraft":
				return new Drafts(ports.store);
			case "serverFacts":
			case "createAccount":
			case "finishLink":
			case "deleteAccount":
			case "forgetHere":
				return {
					serverFacts: (server: string) => serverFacts(ports, server),
					createAccount: (server: string, attempt: string, name: string) => this.#createAccount(server, attempt, name),
					finishLink: () => this.#finishLink(),
					deleteAccount: () => this.#endWith((device) => device.deleteAccount()),
					forgetHere: () => this.#endWith((device) => device.forgetHere()),
				};
			case "beginLink":
			case "cancelLink":
				return this.#require(this.#joining);
			default:
				return this.#device ?? this.#require(this.#registration);
		}
	}

	async #createAccount(server: string, attempt: string, name: string): Promise<Self> {
		const self = await this.#require(this.#registration).createAccount(server, attempt, name);
		await this.#openDevice(this.#require(this.#ports));
		return self;
	}

	/** A device of the account let this one in. */
	async #finishLink(): Promise<Self> {
		const self = await this.#require(this.#joining).finishLink();
		await this.#openDevice(this.#require(this.#ports));
		return self;
	}

	/** The device erased and closed itself; what comes next is a registration. */
	async #endWith(erase: (device: Device) => Promise<void>): Promise<void> {
		await erase(this.#require(this.#device));
		this.#device = undefined;
		this.#ports = undefined;
		await this.open();
	}

	async #openDevice(ports: DevicePorts): Promise<void> {
		const device = await openDevice(ports);
		device.subscribe((event) => this.#tell({ type: "device", event }));
		this.#device = device;
		this.#registration = undefined;
		this.#joining = undefined;
		// The network is back: no need to wait for the next try.
		addEventListener("online", () => device.reconnect());
		this.#turn({ state: "open" });
	}

	#turn(state: HostState): void {
		this.state = state;
		this.#tell({ type: "state", state });
	}

	#tell(event: HostEvent): void {
		for (const listener of this.#listeners) listener(event);
	}

	#require<T>(part: T | undefined): T {
		if (part === undefined) throw new Refusal("UNAVAILABLE", "the device is not open");
		return part;
	}
}

async function serverFacts(ports: DevicePorts, server: string): Promise<ServerFacts> {
	const info = await createRpc({ server, fetch: ports.fetch }).server.getServerInfo({});
	const { name, developmentCodes, voiceCodes } = info;
	return { name, developmentCodes, voiceCodes };
}

function codeOf(error: unknown): string {
	const code = (error as { readonly code?: unknown } | null)?.code;
	return typeof code === "string" ? code : "UNKNOWN";
}
