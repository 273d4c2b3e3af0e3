/**
 * Makes everything that follows from the schemas: the generated code and `docs/protocol.md`.
 *
 *   npm run generate                 writes both
 *   npm run generate -- --check      writes nothing; fails where something is not as the schemas say, where a schema
 *                                    breaks `baseline.binpb` (the contract as it last landed), or where Buf's lint objects
 *   npm run generate -- --baseline   makes the present contract the one that later changes may not break
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { documentContract } from "./document.ts";

const HERE = import.meta.dirname;
const PAGE = join(HERE, "..", "docs", "protocol.md");
const GENERATED = join(HERE, "gen", "troth", "v1");

/** A step of the generation failed; the text is for the person who runs it. */
class GenerationError extends Error {
	override readonly name = "GenerationError";
}

function buf(...args: string[]): void {
	const path = `${join(HERE, "..", "node_modules", ".bin")}:${process.env["PATH"] ?? ""}`;
	const run = spawnSync("buf", args, { cwd: HERE, encoding: "utf8", env: { ...process.env, PATH: path } });
	if (run.status !== 0) throw new GenerationError(`buf ${args[0]}:\n${run.stdout}${run.stderr}${run.error ?? ""}`);
}

function describe(scratch: string): string {
	const image = join(scratch, "contract.binpb");
	buf("build", "proto", "--as-file-descriptor-set", "-o", image);
	const limits = readFileSync(join(HERE, "limits.ts"), "utf8");
	return documentContract(fromBinary(FileDescriptorSetSchema, readFileSync(image)), limits);
}

function checkGenerated(scratch: string): void {
	buf("generate", "--output", scratch);
	const fresh = join(scratch, "gen", "troth", "v1");
	for (const file of new Set([...readdirSync(fresh), ...readdirSync(GENERATED)])) {
		if (read(join(fresh, file)) !== read(join(GENERATED, file)))
			throw new GenerationError(`protocol/gen/troth/v1/${file} is not what the schemas make: run \`npm run generate\``);
	}
}

function read(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return undefined;
	}
}

function main(options: readonly string[]): void {
	const scratch = mkdtempSync(join(tmpdir(), "troth-contract-"));
	try {
		buf("lint", "proto");
		if (options.includes("--baseline")) {
			buf("build", "proto", "--exclude-source-info", "-o", "baseline.binpb");
			return;
		}
		if (options.includes("--check")) {
			buf("breaking", "proto", "--against", "baseline.binpb");
			checkGenerated(scratch);
			if (describe(scratch) !== read(PAGE))
				throw new GenerationError("docs/protocol.md is not what the contract says: run `npm run generate`");
			return;
		}
		buf("generate");
		writeFileSync(PAGE, describe(scratch));
	} finally {
		rmSync(scratch, { recursive: true });
	}
}

try {
	main(process.argv.slice(2));
} catch (error) {
	if (!(error instanceof GenerationError)) throw error;
	console.error(error.message);
	process.exitCode = 1;
}
