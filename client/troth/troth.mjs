#!/usr/bin/env node
// `npx troth`: runs the command on Node 24, whatever the host's Node is (see launch.mjs at the root).
import { spawn } from "node:child_process";
import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// 24.7 has ML-KEM in node:crypto; from 24.12 on Node reads TypeScript without a warning about it.
const NEEDED = [24, 7];
const QUIET = [24, 12];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const isAtLeast = ([itsMajor, itsMinor]) => major > itsMajor || (major === itsMajor && minor >= itsMinor);

function findNode() {
	if (isAtLeast(NEEDED)) return process.execPath;
	try {
		const require = createRequire(import.meta.url);
		return join(dirname(require.resolve(`node-linux-${process.arch}/package.json`)), "bin", "node");
	} catch {
		return undefined;
	}
}

const here = dirname(fileURLToPath(import.meta.url));
// Compiled code is kept beside the packages: every start but the first is faster by half.
const cache = join(here, "..", "..", "node_modules", ".cache", "node");
const node = findNode();
if (isAtLeast(QUIET)) {
	// No second process where none is needed.
	if (process.env.NODE_COMPILE_CACHE === undefined) module.enableCompileCache(cache);
	await import("./main.ts");
} else if (node === undefined) {
	console.error(
		`troth needs Node ${NEEDED.join(".")} or newer; this is ${process.version}. Run npm ci, or install Node ${NEEDED.join(".")}.`,
	);
	process.exitCode = 1;
} else {
	const child = spawn(
		node,
		["--disable-warning=ExperimentalWarning", join(here, "main.ts"), ...process.argv.slice(2)],
		{
			stdio: "inherit",
			env: { NODE_COMPILE_CACHE: cache, ...process.env },
		},
	);
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
	child.on("exit", (code, signal) => {
		process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143);
		process.removeAllListeners();
	});
}
