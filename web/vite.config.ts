/** How the web app is built. Everything comes from its own origin, as files: no inline script, style or data URI. */
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const SERVICE_WORKER = "service-worker.js";

/** Tells the service worker which files the build has, once all of them are written. */
function shellFiles(): Plugin {
	return {
		name: "troth-shell-files",
		apply: "build",
		async writeBundle({ dir }) {
			if (dir === undefined) return;
			const found = await readdir(dir, { recursive: true, withFileTypes: true });
			const files = found
				.filter((entry) => entry.isFile() && entry.name !== SERVICE_WORKER && entry.name !== "index.html")
				.map((entry) => join(entry.parentPath, entry.name).slice(dir.length).replaceAll("\\", "/"))
				.sort();
			const page = await readFile(join(dir, "index.html"));
			const version = createHash("sha256").update(page).update(files.join()).digest("hex").slice(0, 12);
			const path = join(dir, SERVICE_WORKER);
			const script = (await readFile(path, "utf8"))
				.replaceAll("SHELL_FILES", JSON.stringify(files))
				.replaceAll("SHELL_VERSION", JSON.stringify(version));
			await writeFile(path, script);
		},
	};
}

export default defineConfig({
	root: import.meta.dirname,
	plugins: [react(), tailwindcss(), shellFiles()],
	resolve: {
		alias: [{ find: /^crypto$/, replacement: join(import.meta.dirname, "device-worker", "no-node-crypto.ts") }],
	},
	worker: { format: "es" },
	build: {
		target: "es2024",
		assetsInlineLimit: 0,
		// What is loaded comes from the service worker, which Chromium counts as another world than a preload.
		modulePreload: false,
		reportCompressedSize: false,
		sourcemap: false,
		// In kB before compression; what counts is the budget in build.ts.
		chunkSizeWarningLimit: 800,
		rolldownOptions: {
			input: {
				index: join(import.meta.dirname, "index.html"),
				"service-worker": join(import.meta.dirname, "offline", "service-worker.ts"),
			},
			output: {
				entryFileNames: ({ name }) => (name === "service-worker" ? SERVICE_WORKER : "assets/[name]-[hash].js"),
			},
		},
	},
});
