/** Builds the embedded pages. */
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { build } from "vite";
import { buildOnce } from "../build-once.node.ts";

const INPUTS = [
	"web/embedded/**/*",
	"web/app/{design,settings,sharing,terms,ui,words}/**/*",
	"{client,protocol,transparency}/**/*.ts",
	"package-lock.json",
];

/** The folder with the built pages, for `startBeside`; built now unless it is there already. */
export function buildEmbedded(): Promise<{ readonly root: string }> {
	// The service reads its files once, at its start: older builds serve nobody.
	return buildOnce({ prefix: "embedded-", inputs: INPUTS, kept: 1, make });
}

async function make(draft: string): Promise<void> {
	await build({
		configFile: false,
		root: import.meta.dirname,
		base: "/embed/",
		logLevel: "warn",
		plugins: [react(), tailwindcss()],
		build: {
			outDir: draft,
			emptyOutDir: true,
			target: "es2024",
			assetsInlineLimit: 0,
			modulePreload: { polyfill: false },
			reportCompressedSize: false,
			chunkSizeWarningLimit: 800,
		},
	});
}
