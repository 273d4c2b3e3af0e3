/** How the auditor's page is built: apart from the app, with relative addresses, so that anybody can serve it anywhere. */
import { join } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
	root: join(import.meta.dirname, "auditor"),
	base: "./",
	publicDir: false,
	plugins: [react(), tailwindcss()],
	build: {
		target: "es2024",
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
		sourcemap: false,
	},
});
