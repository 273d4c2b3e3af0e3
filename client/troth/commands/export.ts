import { mkdir, open } from "node:fs/promises";
import { dirname, join, normalize, sep } from "node:path";
import { Unzip, UnzipInflate, UnzipPassThrough } from "fflate";
import { type Command, UsageError } from "../command.ts";
import { withDevice } from "../with-device.ts";
import { writeWhole } from "../write-file.ts";
import { piecesOf } from "./backup.ts";

export const exportProfile: Command = {
	name: "export",
	usage: "DIR|FILE.zip",
	summary: "writes everything this device has in an open format: messages to read and as JSON, receipts, shares",
	options: { out: "string" },
	run: withDevice("store", async (device, args, { output }) => {
		const out = args.words[0] ?? args.option("out");
		if (out === undefined || out === "") throw new UsageError("DIR or FILE.zip is missing");
		const pieces = piecesOf(device, await device.startExport());
		const reader = new ExportReader();
		// What is written here is plaintext: only its owner may read it.
		if (out.endsWith(".zip")) await writeWhole(out, watched(pieces, reader));
		else await writeFolder(out, pieces, reader);
		const { format, conversations, messages, receipts, missing } = reader.manifest();
		output.say(
			{ out, format, conversations, messages, receipts, missing },
			`${messages} messages of ${conversations} conversations in ${out}. They can be read by anyone who can read that.`,
		);
	}),
};

interface Arrived {
	readonly path: string;
	readonly data: Uint8Array;
}

/** Opens the zip while it comes. */
class ExportReader {
	#arrived: Arrived[] = [];
	#manifest = "";
	readonly #unzip: Unzip;

	constructor() {
		this.#unzip = new Unzip((file) => {
			file.ondata = (error, data) => {
				if (error !== null) throw error;
				this.#arrived.push({ path: file.name, data });
			};
			file.start();
		});
		this.#unzip.register(UnzipInflate);
		this.#unzip.register(UnzipPassThrough);
	}

	/** What of its files came with this piece. */
	push(piece: Uint8Array, last: boolean): readonly Arrived[] {
		this.#unzip.push(piece, last);
		const arrived = this.#arrived;
		this.#arrived = [];
		for (const { path, data } of arrived)
			if (path === "manifest.json") this.#manifest += new TextDecoder().decode(data);
		return arrived;
	}

	manifest(): Readonly<Record<string, unknown>> {
		return JSON.parse(this.#manifest) as Record<string, unknown>;
	}
}

async function* watched(pieces: AsyncIterable<Uint8Array>, reader: ExportReader): AsyncGenerator<Uint8Array> {
	for await (const piece of pieces) {
		reader.push(piece, false);
		yield piece;
	}
	reader.push(new Uint8Array(), true);
}

async function writeFolder(folder: string, pieces: AsyncIterable<Uint8Array>, reader: ExportReader): Promise<void> {
	const begun = new Set<string>();
	for await (const piece of pieces) for (const file of reader.push(piece, false)) await append(folder, file, begun);
	for (const file of reader.push(new Uint8Array(), true)) await append(folder, file, begun);
}

async function append(folder: string, { path, data }: Arrived, begun: Set<string>): Promise<void> {
	const inside = normalize(path);
	if (inside.startsWith("..") || inside.startsWith(sep)) throw new UsageError("a file outside of the export");
	const target = join(folder, inside);
	await mkdir(dirname(target), { recursive: true, mode: 0o700 });
	const file = await open(target, begun.has(target) ? "a" : "w", 0o600);
	begun.add(target);
	try {
		await file.writeFile(data);
	} finally {
		await file.close();
	}
}
