/**
 * People who have dealings with the sample business, each on a live device of their own that decrypts, acknowledges and
 * reads along: one whose service window is open, one who only agreed to order updates, one who stopped marketing, one
 * who blocked the business, and a number that nobody has.
 */
import { join } from "node:path";
import type { Device } from "@troth/client/device/api.ts";
import { openProfile, registerProfile } from "@troth/client/device/open.node.ts";
import type { AccountId } from "@troth/protocol";
import type { BusinessFacts } from "../sandbox-facts.ts";
import type { SentCodes } from "../supervision/codes.ts";
import type { Shop } from "./shop.ts";

export interface Customers extends AsyncDisposable {
	readonly facts: Pick<BusinessFacts, "users" | "inboundWamid">;
}

interface Village {
	/** The messenger's origin. */
	readonly server: string;
	/** Profiles are made in here. */
	readonly directory: string;
	readonly codes: SentCodes;
	readonly shop: Shop;
}

const USERS = {
	open: "+15550108001",
	closed: "+15550108002",
	stopped: "+15550108003",
	blocked: "+15550108004",
	none: "+15550108009",
} as const;

const NAMES = { open: "Olga", closed: "Clara", stopped: "Steve", blocked: "Bruno" } as const;

/** How long the gateway may take to see the first message. */
const PATIENCE = 200;
const LOOK_EVERY_MS = 25;

/** Registers them and opens their devices; they stay until it is disposed. */
export async function openCustomers(village: Village): Promise<Customers> {
	await using undo = new AsyncDisposableStack();
	const { shop } = village;
	const business = shop.account as AccountId;
	const settle = async (who: keyof typeof NAMES, act: (device: Device) => Promise<unknown>) => {
		const device = undo.use(await welcome(village, NAMES[who], USERS[who]));
		await act(device);
	};
	await settle("open", async (device) => {
		await device.setBusinessPreference(business, "marketing", "allowed");
		const chat = await device.openDirect((await device.find(shop.phone)).account);
		const { id } = await device.send(chat, "Hello, do you have rye bread today?");
		if (id !== undefined) await device.stored(chat, id);
	});
	await settle("closed", (device) => device.setBusinessPreference(business, "utility", "allowed"));
	await settle("stopped", async (device) => {
		await device.setBusinessPreference(business, "utility", "allowed");
		await device.setBusinessPreference(business, "marketing", "stopped");
	});
	await settle("blocked", async (device) => device.block((await device.find(shop.phone)).account));
	const inboundWamid = await firstInbound(shop);
	const living = undo.move();
	return { facts: { users: USERS, inboundWamid }, [Symbol.asyncDispose]: () => living.disposeAsync() };
}

async function welcome({ server, directory, codes }: Village, name: string, phone: string): Promise<Device> {
	const dir = join(directory, "customers", phone.slice(1));
	await registerProfile({ dir, server, phone, name, code: codes.after(phone, "messenger"), acceptTerms: true });
	const device = await openProfile({ dir });
	await device.caughtUp();
	return device;
}

/** The business never saw what was written to it. */
export class NothingInboundError extends Error {
	override readonly name = "NothingInboundError";
}

async function firstInbound(shop: Shop): Promise<string> {
	for (let look = 0; look < PATIENCE; look++) {
		const wamid = await shop.lastInbound();
		if (wamid !== undefined) return wamid;
		await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
	}
	throw new NothingInboundError("the gateway did not see the first message");
}
