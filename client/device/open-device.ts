/** Puts a device together from its ports. The store has to hold a profile: `registration/register.ts` makes one. */
import { type Frame, fromHex, Refusal, sleep } from "@troth/protocol";
import { archiveDevice } from "../archive/archive-device.ts";
import { findingDevice } from "../finding/finding-device.ts";
import { HistoryTransfer } from "../linking/history.ts";
import { ConversationJoiner } from "../linking/join-conversations.ts";
import { linkingDevice } from "../linking/linking-device.ts";
import { OwnNotes } from "../linking/own-notes.ts";
import { Lanes } from "../outbox/lanes.ts";
import { Presence } from "../presence/presence.ts";
import { presenceDevice } from "../presence/presence-device.ts";
import { profileDevice } from "../profile/profile-device.ts";
import { Signals } from "../signals/signals.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import { LocalState, StateClosed } from "../state/local-state.ts";
import type { ProfileRecord, SecretsRecord } from "../state/records.ts";
import { Attendance } from "../sync/attendance.ts";
import { publicGet } from "../sync/get-public.ts";
import { Inbox } from "../sync/inbox.ts";
import { createRpc, type Rpc } from "../sync/rpc.ts";
import { Session, type SessionIdentity } from "../sync/session.ts";
import { Tokens } from "../sync/tokens.ts";
import { Announcer } from "./announcer.ts";
import type { Connection, Device } from "./api.ts";
import type { DeviceContext } from "./context.ts";
import { haltedRefusal } from "./halted.ts";
import { LocalDevice } from "./local-device.ts";
import type { DevicePorts } from "./ports.ts";
import { Views } from "./views.ts";

export interface DeviceOptions {
	/** False keeps the device off the network; `reconnect` brings it on. */
	readonly connect?: boolean;
}

/** What of the profile is the person's and not the device's. */
const OWN_DEVICES_KNOW = ["phone", "name", "settings", "shown", "photo", "certificate"] as const;

/** How long a closing device waits for what is under way. */
const FAREWELL_MS = 500;

/** True where the store holds an account. */
export async function hasProfile(ports: Pick<DevicePorts, "store">): Promise<boolean> {
	return (await ports.store.get(KEYS.profile)) !== undefined;
}

/** Opens the device and connects it. Rejects with NOT_FOUND where there is no profile; the store is the device's then. */
export async function openDevice(ports: DevicePorts, options: DeviceOptions = {}): Promise<Device> {
	if (!(await hasProfile(ports))) throw new Refusal("NOT_FOUND", "there is no account in this profile");
	const state = await LocalState.open(ports.store, ports.engine);
	const [profile, secrets] = [await state.read(KEYS.profile), await state.read(KEYS.secrets)];
	if (profile === undefined || secrets === undefined) throw new Refusal("NOT_FOUND", "the profile is not complete");
	const core = new DeviceCore(ports, state, profile, secrets);
	const erase = () => core.erase();
	const device = Object.assign(
		new LocalDevice(
			core.context,
			() => core.start(),
			() => core.close(),
			erase,
		),
		findingDevice(core.context),
		linkingDevice(core.context, erase),
		presenceDevice(core.context),
		profileDevice(core.context),
	);
	const whole = Object.assign(device, archiveDevice(core.context, device));
	if (options.connect !== false) core.start();
	return whole;
}

/** Owns the parts and their common life. */
class DeviceCore {
	readonly context: DeviceContext;
	#profile: ProfileRecord;
	/** Server time minus ours, as of the last attach. */
	#clockOffsetMs = 0;
	readonly #tokens: Tokens;
	readonly #work = new Set<Promise<void>>();
	#closed = false;

	constructor(ports: DevicePorts, state: LocalState, profile: ProfileRecord, secrets: SecretsRecord) {
		this.#profile = profile;
		this.#tokens = new Tokens(ports.clock);
		const { clock, engine, random, facts } = ports;
		const self = { account: profile.account, device: profile.device };
		const keys = signingKeys(secrets.device);
		const { account } = profile;
		const views = new Views(state, {
			account,
			name: () => this.#profile.name,
			phone: () => this.#profile.phone,
			photo: () => this.#profile.photo?.id,
		});
		const identity: SessionIdentity = {
			device: profile.device,
			server: profile.server,
			origin: profile.origin,
			keys,
			generation: () => this.#profile.generation,
		};
		const rpc: Rpc = createRpc({
			server: profile.server,
			fetch: ports.fetch,
			token: (stale) => this.#tokens.get(stale, rpc.sessions, engine, identity),
		});
		const later = () => this.context;
		const session = new Session(identity, ports, {
			attached: (attached) => {
				const serverTimeMs = Number(attached.serverTimeMs);
				this.#clockOffsetMs = serverTimeMs - clock.now();
				this.#tokens.offer(attached.token, Number(attached.tokenExpiresMs), serverTimeMs);
				later().attendance.attached(attached);
				later().presence.attached(attached);
			},
			frame: (body) => this.#route(body),
			detached: () => {
				later().attendance.detached();
				later().presence.detached();
				later().inbox.reset();
				later().lanes.reset();
			},
			connection: (connection) => this.#connectionChanged(connection),
		});
		this.context = {
			clock,
			engine,
			random,
			facts,
			...(ports.keyPackageStock !== undefined && { keyPackageStock: ports.keyPackageStock }),
			self,
			keys,
			state,
			rpc,
			getPublic: publicGet((url, init) => ports.fetch(url, init)),
			session,
			views,
			knownSharing: { terms: new Map(), standing: undefined },
			inbox: new Inbox(later),
			lanes: new Lanes(later),
			signals: new Signals(later),
			presence: new Presence(later),
			attendance: new Attendance(later),
			joins: new ConversationJoiner(later),
			ownNotes: new OwnNotes(later),
			history: new HistoryTransfer(later),
			announcer: new Announcer(views),
			profile: () => this.#profile,
			changeProfile: (change) => this.#changeProfile(change),
			followProfile: (draft, change) => this.#followProfile(draft, change),
			serverNow: () => Math.round(clock.now() + this.#clockOffsetMs),
			requireRelink: () => this.#halt("relink-required"),
			background: (work) => this.#background(work),
		};
	}

	start(): void {
		const { halted } = this.#profile;
		if (halted !== undefined) this.context.session.stop({ state: halted });
		else if (!this.#closed) this.context.session.start();
	}

	#route(body: Frame["body"]): void {
		const { inbox, lanes, signals, attendance } = this.context;
		switch (body.case) {
			case "entry":
			case "gap":
			case "skipped":
				inbox.frame(body);
				break;
			case "sendOk":
				lanes.sendOk(body.value);
				break;
			case "sendRefused":
				lanes.sendRefused(body.value);
				break;
			case "progress":
				signals.progress(body.value);
				break;
			case "register":
				signals.register(body.value);
				break;
			case "ephemeral":
				signals.ephemeral(body.value);
				break;
			case "presence":
				this.context.presence.frame(body.value);
				break;
			case "queueEmpty":
				attendance.queueEmpty();
				break;
			default:
			// A rebased stream tells its gaps itself; what newer servers say beside it is not for this version.
		}
	}

	#connectionChanged(connection: Connection): void {
		this.context.announcer.emit({ type: "connection", connection });
		const { state } = connection;
		if ((state === "removed" || state === "unlinked") && this.#profile.halted === undefined)
			this.#background(() => this.#halt(state));
	}

	async #halt(why: NonNullable<ProfileRecord["halted"]>): Promise<void> {
		if (this.#profile.halted !== undefined) return;
		this.#profile = { ...this.#profile, halted: why };
		this.context.session.stop({ state: why });
		this.context.attendance.end(haltedRefusal(why));
		await this.#changeProfile({ halted: why });
		await this.context.lanes.failEverything();
	}

	async #changeProfile(change: Partial<ProfileRecord>): Promise<void> {
		const same = Object.entries(change).every(([name, value]) => this.#profile[name as keyof ProfileRecord] === value);
		if (same && change.halted === undefined) return;
		const dated = change.settings === undefined ? change : { settingsChangedAtMs: this.context.serverNow(), ...change };
		await this.context.state.transact(async (draft) => {
			await this.#followProfile(draft, dated);
			if (OWN_DEVICES_KNOW.some((name) => name in change)) this.context.ownNotes.note(draft, "profile");
		});
	}

	async #followProfile(draft: Draft, change: Partial<ProfileRecord>): Promise<void> {
		const next = { ...((await draft.read(KEYS.profile)) ?? this.#profile), ...change };
		draft.write(KEYS.profile, next);
		draft.after(() => {
			this.#profile = next;
		});
	}

	#background(work: () => Promise<void>): void {
		if (this.#closed) return;
		const running = work()
			.catch((error: unknown) => {
				// Refusals and a closed store are the ordinary ends of such work; it is done again at the next attach.
				if (error instanceof Refusal || error instanceof StateClosed) return;
				this.context.session.interrupt();
			})
			.finally(() => this.#work.delete(running));
		this.#work.add(running);
	}

	/** Leaves nothing of the account in the store, and closes the device. */
	async erase(): Promise<void> {
		this.context.session.stop({ state: "removed" });
		await this.context.state.erase();
		await this.close();
	}

	async close(): Promise<void> {
		if (this.#closed) return;
		const { session, attendance, lanes, signals, state } = this.context;
		this.#closed = true;
		// What is nearly done, like telling that something was read, is done; what hangs is not waited for.
		await Promise.race([Promise.allSettled([...this.#work]), sleep(this.context.clock, FAREWELL_MS)]);
		session.stop();
		attendance.end(new Refusal("UNAVAILABLE", "the device was closed"));
		lanes.close();
		signals.close();
		this.context.joins.close();
		this.context.ownNotes.close();
		this.context.presence.close();
		await state[Symbol.asyncDispose]();
	}
}

function signingKeys({ publicKey, privateKey }: SecretsRecord["device"]) {
	return { publicKey: fromHex(publicKey) ?? new Uint8Array(), privateKey: fromHex(privateKey) ?? new Uint8Array() };
}
