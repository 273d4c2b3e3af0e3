/** The pictures that people show, as addresses that an image takes. Fetched when they are first looked for. */
import type { AccountId } from "@troth/protocol";
import type { DeviceHost } from "../../device-worker/host.ts";
import { useModel } from "./context.ts";
import { Cell, useCell } from "./store.ts";

const KEPT = 300;
const NOBODY = new Cell<string | undefined>(undefined);

interface Kept {
	readonly photo: string;
	readonly url: Cell<string | undefined>;
}

export class Photos {
	readonly #host: DeviceHost;
	/** Least recently asked for first. */
	readonly #kept = new Map<AccountId, Kept>();

	constructor(host: DeviceHost) {
		this.#host = host;
	}

	/** @param photo as the person's view has it: another one is another picture */
	of(account: AccountId, photo: string | undefined): Cell<string | undefined> {
		if (photo === undefined) return NOBODY;
		const known = this.#kept.get(account);
		this.#kept.delete(account);
		const kept = known?.photo === photo ? known : { photo, url: new Cell<string | undefined>(undefined) };
		this.#kept.set(account, kept);
		if (kept !== known) {
			if (known !== undefined) drop(known);
			void this.#fetch(account, kept);
		}
		for (const [other, old] of this.#kept) {
			if (this.#kept.size <= KEPT) break;
			this.#kept.delete(other);
			drop(old);
		}
		return kept.url;
	}

	async #fetch(account: AccountId, kept: Kept): Promise<void> {
		const picture = await this.#host.photo(account).catch(() => undefined);
		// Initials stand there meanwhile; whoever looks the next time asks again.
		if (picture === undefined) {
			if (this.#kept.get(account) === kept) this.#kept.delete(account);
			return;
		}
		if (this.#kept.get(account) === kept)
			kept.url.set(URL.createObjectURL(new Blob([new Uint8Array(picture)], { type: typeOf(picture) })));
	}
}

function drop({ url }: Kept): void {
	if (url.value !== undefined) URL.revokeObjectURL(url.value);
	url.set(undefined);
}

function typeOf(picture: Uint8Array): string {
	return picture[0] === 0xff ? "image/jpeg" : "image/webp";
}

/** An address for the picture; undefined where there is none, or not yet. */
export function usePhoto(account: string, photo: string | undefined): string | undefined {
	return useCell(useModel().photos.of(account as AccountId, photo));
}
