/**
 * Finds a Chromium for the browser tests: `$CHROME_PATH`, Debian's, or the one npm brought (`@sparticuz/chromium`,
 * Linux x64). The last is unpacked once per version beside the packages, needs neither root nor system packages, and is
 * started with our own flags: the package's own ones switch web security off.
 */
import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, createBrotliDecompress } from "node:zlib";

const ROOT = join(import.meta.dirname, "..", "..");

export interface Chromium {
	readonly path: string;
	/** Added to the browser's environment; where system libraries are missing it names the package's own. */
	readonly env: Readonly<Record<string, string>>;
}

/** The first Chromium of the order above. */
export async function findChromium(): Promise<Chromium> {
	const named = process.env["CHROME_PATH"];
	if (named) return { path: named, env: {} };
	if (existsSync("/usr/bin/chromium")) return { path: "/usr/bin/chromium", env: {} };
	const folder = await unpacked();
	const path = join(folder, "chromium");
	return { path, env: lacksLibraries(path) ? { LD_LIBRARY_PATH: join(folder, "al2023", "lib") } : {} };
}

async function unpacked(): Promise<string> {
	const packageRoot = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "..");
	const { version } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8")) as { version: string };
	const cache = join(ROOT, "node_modules", ".cache");
	const folder = join(cache, `chromium-${version}`);
	if (existsSync(folder)) return folder;
	await mkdir(cache, { recursive: true });
	// Two test files may come here at once, and either may be killed half-way: only a finished folder gets the name.
	const draft = await mkdtemp(`${folder}-`);
	await pipeline(
		createReadStream(join(packageRoot, "bin", "chromium.br")),
		createBrotliDecompress(),
		createWriteStream(join(draft, "chromium")),
	);
	await chmod(join(draft, "chromium"), 0o755);
	await untar(brotliDecompressSync(await readFile(join(packageRoot, "bin", "al2023.tar.br"))), join(draft, "al2023"));
	await rename(draft, folder).catch(() => rm(draft, { recursive: true }));
	return folder;
}

const BLOCK = 512;

/** Regular files of a ustar archive; the package's has nothing else that matters. */
async function untar(archive: Buffer, target: string): Promise<void> {
	for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0; ) {
		const text = (from: number, length: number) =>
			archive.toString("latin1", at + from, at + from + length).replace(/\0.*$/s, "");
		const size = Number.parseInt(text(124, 12), 8) || 0;
		const path = normalize(join(target, text(345, 155), text(0, 100)));
		const type = text(156, 1);
		if ((type === "0" || type === "") && path.startsWith(target)) {
			await mkdir(dirname(path), { recursive: true });
			await writeFile(path, archive.subarray(at + BLOCK, at + BLOCK + size));
		}
		at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
	}
}

function lacksLibraries(binary: string): boolean {
	try {
		return execFileSync("ldd", [binary], { encoding: "utf8" }).includes("not found");
	} catch {
		return true;
	}
}
