/** How the web app is built. Everything comes from its own origin, as files: no inline script, style or data URI. */
import { join } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
	root: import.meta.dirname,
	plugins: [react(), tailwindcss()],
	resolve: {
		alias: [{ find: /^crypto$/, replacement: join(import.meta.dirname, "device-worker", "no-node-crypto.ts") }],
	},
	worker: { format: "es" },
	build: {
		target: "es2024",
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
		sourcemap: false,
	},
});
