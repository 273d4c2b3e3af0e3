/** What the auditor keeps of the planted numbers, beside their profiles. Mode 0600: the numbers are the secret. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Canary {
	readonly phone: string;
	readonly server: string;
	/** UTC milliseconds. */
	readonly plantedAtMs: number;
}

const FILE = "canaries.json";

/** Directory of the number's profile. */
export function profileOf(directory: string, { phone }: Pick<Canary, "phone">): string {
	return join(directory, phone.slice(1));
}

/** Empty where nothing is planted yet. Rejects where the file is none of these. */
export async function readCanaries(directory: string): Promise<readonly Canary[]> {
	let text: string;
	try {
		text = await readFile(join(directory, FILE), "utf8");
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
		throw error;
	}
	const value: unknown = JSON.parse(text);
	if (!Array.isArray(value) || !value.every(isCanary)) throw new Error(`${FILE} is no list of canaries`);
	return value;
}

export async function writeCanaries(directory: string, canaries: readonly Canary[]): Promise<void> {
	await mkdir(directory, { recursive: true, mode: 0o700 });
	const draft = join(directory, `${FILE}.draft`);
	await writeFile(draft, `${JSON.stringify(canaries, undefined, "\t")}\n`, { mode: 0o600 });
	await rename(draft, join(directory, FILE));
}

function isCanary(value: unknown): value is Canary {
	if (typeof value !== "object" || value === null) return false;
	const { phone, server, plantedAtMs } = value as Readonly<Record<string, unknown>>;
	return typeof phone === "string" && typeof server === "string" && typeof plantedAtMs === "number";
}
