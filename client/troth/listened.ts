/**
 * How far `listen` has printed each conversation. Other commands receive and store messages too: what they stored is
 * still printed by the next `listen`, once.
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ConversationId } from "@troth/protocol";
import { isImported } from "../archive/rows.ts";
import type { Device, MessageView } from "../device/api.ts";

const PAGE = 100;

export class Listened {
	readonly #path: string;
	readonly #marks: Map<ConversationId, string>;

	private constructor(path: string, marks: Map<ConversationId, string>) {
		this.#path = path;
		this.#marks = marks;
	}

	static async open(profile: string): Promise<Listened> {
		const path = join(profile, "listened.json");
		try {
			const stored: unknown = JSON.parse(await readFile(path, "utf8"));
			if (typeof stored !== "object" || stored === null) return new Listened(path, new Map());
			return new Listened(path, new Map(Object.entries(stored) as [ConversationId, string][]));
		} catch {
			// Without marks everything counts as not printed: twice is better than never.
			return new Listened(path, new Map());
		}
	}

	/** Not printed yet. What came with a backup or from another device is no news. */
	isNew({ conversation, key }: MessageView): boolean {
		return !isImported(key) && key > (this.#marks.get(conversation) ?? "");
	}

	/** Notes that it was printed; on disk when it resolves. */
	async note({ conversation, key }: MessageView): Promise<void> {
		this.#marks.set(conversation, key);
		await writeFile(`${this.#path}.new`, JSON.stringify(Object.fromEntries(this.#marks)), { mode: 0o600 });
		await rename(`${this.#path}.new`, this.#path);
	}

	/** What others sent and nobody printed, oldest first. */
	async missing(device: Device, conversation: ConversationId): Promise<readonly MessageView[]> {
		const found: MessageView[] = [];
		for (let beforeKey: string | undefined; ; ) {
			const page = await device.messages(conversation, { limit: PAGE, ...(beforeKey !== undefined && { beforeKey }) });
			const fresh = page.filter((message) => this.isNew(message));
			found.unshift(...fresh.filter(({ sender }) => sender?.self !== true));
			beforeKey = page[0]?.key;
			if (fresh.length < PAGE) return found;
		}
	}
}
