#!/usr/bin/env node
// `npx troth`: runs the command on Node 24, whatever the host's Node is (see launch.mjs at the root).
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// 24.7 has ML-KEM in node:crypto.
const NEEDED = [24, 7];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

function findNode() {
	if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return process.execPath;
	try {
		const require = createRequire(import.meta.url);
		return join(dirname(require.resolve(`node-linux-${process.arch}/package.json`)), "bin", "node");
	} catch {
		return undefined;
	}
}

const node = findNode();
if (node === undefined) {
	console.error(
		`troth needs Node ${NEEDED.join(".")} or newer; this is ${process.version}. Run npm ci, or install Node ${NEEDED.join(".")}.`,
	);
	process.exitCode = 1;
} else {
	const here = dirname(fileURLToPath(import.meta.url));
	const main = join(here, "main.ts");
	const cache = join(here, "..", "..", "node_modules", ".cache", "node");
	const child = spawn(node, ["--disable-warning=ExperimentalWarning", main, ...process.argv.slice(2)], {
		stdio: "inherit",
		env: { NODE_COMPILE_CACHE: cache, ...process.env },
	});
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
	child.on("exit", (code, signal) => {
		process.exitCode = code ?? (signal === "SIGINT" ? 130 : 143);
		process.removeAllListeners();
	});
}
