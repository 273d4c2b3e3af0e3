/** What a browser keeps for a person of a host: its own key, the secret that grants are signed with, and what it pinned. */
import type { TrustRecord } from "../state/sharing-records.ts";

/** This browser's own key, for everything but grants. */
export interface BrowserKey {
	/** Ed25519, 32 bytes. */
	readonly publicKey: Uint8Array;
	sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface KeptForPerson {
	/** 16 bytes, hex: all keys towards recipients follow from it. The person carries it from browser to browser. */
	readonly secret: string;
	/** As the service calls the person; another one after they began anew, and then what belonged to the first is over. */
	readonly account: string | undefined;
	readonly pins: TrustRecord | undefined;
}

/** A browser's memory. Where nothing can be kept it forgets with the page; then a person starts anew more often. */
export interface KeyStore {
	key(person: string): Promise<BrowserKey>;
	read(person: string): Promise<KeptForPerson | undefined>;
	write(person: string, kept: KeptForPerson): Promise<void>;
}
