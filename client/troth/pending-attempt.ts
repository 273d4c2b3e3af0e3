/** The registration that waits for its code: a first call asks for it, a second one with `--code` goes on. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export class PendingAttempt {
	readonly #path: string;

	private constructor(path: string) {
		this.#path = path;
	}

	static async open(profile: string): Promise<PendingAttempt> {
		await mkdir(profile, { recursive: true, mode: 0o700 });
		return new PendingAttempt(join(profile, "attempt.json"));
	}

	/** The attempt that waits for this number, or a new one. */
	async of(server: string, phone: string, begin: () => Promise<string>): Promise<string> {
		const stored = await this.#read();
		if (stored?.server === server && stored.phone === phone) return stored.attempt;
		const attempt = await begin();
		await writeFile(this.#path, JSON.stringify({ server, phone, attempt }), { mode: 0o600 });
		return attempt;
	}

	async forget(): Promise<void> {
		await rm(this.#path, { force: true });
	}

	async #read(): Promise<{ server: string; phone: string; attempt: string } | undefined> {
		try {
			const value: unknown = JSON.parse(await readFile(this.#path, "utf8"));
			const fields = value as Record<string, unknown>;
			const { server, phone, attempt } = fields;
			if (typeof server === "string" && typeof phone === "string" && typeof attempt === "string")
				return { server, phone, attempt };
		} catch {}
		return undefined;
	}
}
