/** What people have to read, against WCAG 2.2: 4.5:1 for text (1.4.3), 3:1 for what one must see (1.4.11). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const css = readFileSync(join(import.meta.dirname, "tokens.css"), "utf8");
const tokens = new Map(
	[...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map((match) => [
		match[1] ?? "",
		{ light: match[2] ?? "", dark: match[3] ?? "" },
	]),
);

const GROUNDS = ["paper", "canvas", "surface", "raised", "hover"];

const TEXT: readonly (readonly [ink: string, ground: string])[] = [
	...GROUNDS.flatMap((ground) => ["ink", "muted", "plum", "brass", "rust"].map((ink) => [ink, ground] as const)),
	["on-plum", "plum"],
	["on-plum", "plum-strong"],
	["plum", "plum-soft"],
	["ink", "plum-soft"],
	["muted", "plum-soft"],
	["ink", "brass-soft"],
	["brass", "brass-soft"],
	["plum", "brass-soft"],
	["muted", "brass-soft"],
	["ink", "moss-soft"],
	["muted", "moss-soft"],
	["ink", "rust-soft"],
	["rust", "rust-soft"],
	["on-rust", "rust"],
	["ink", "bubble-own"],
	["ink", "bubble-other"],
	["on-seal", "seal"],
	["on-seal-quiet", "seal"],
	["on-seal", "seal-ring"],
	["on-seal-quiet", "seal-ring"],
	["muted", "line"],
	["paper", "ink"],
	...Array.from({ length: 8 }, (_, i) => [`person-${i}-ink`, `person-${i}`] as const),
	...Array.from({ length: 8 }, (_, i) => [`person-${i}-ink`, "canvas"] as const),
	...Array.from({ length: 8 }, (_, i) => [`person-${i}-ink`, "hover"] as const),
];

const SEEN: readonly (readonly [mark: string, ground: string])[] = [
	...GROUNDS.flatMap((ground) => ["edge", "plum", "moss"].map((mark) => [mark, ground] as const)),
	["brass", "brass-soft"],
	["moss", "moss-soft"],
	["seal-brass", "seal"],
];

for (const appearance of ["light", "dark"] as const) {
	const contrast = (a: string, b: string) => {
		const [one, other] = [tokens.get(a)?.[appearance], tokens.get(b)?.[appearance]];
		assert.ok(one !== undefined && other !== undefined, `no token ${one === undefined ? a : b}`);
		const [high, low] = [luminance(one), luminance(other)].sort((x, y) => y - x);
		return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
	};

	test(`every text can be read in the ${appearance} appearance`, () => {
		const bad = TEXT.filter(([ink, ground]) => contrast(ink, ground) < 4.5);
		assert.deepEqual(
			bad.map(([ink, ground]) => `${ink} on ${ground}: ${contrast(ink, ground).toFixed(2)}`),
			[],
		);
	});

	test(`every mark and border that matters can be seen in the ${appearance} appearance`, () => {
		const bad = SEEN.filter(([mark, ground]) => contrast(mark, ground) < 3);
		assert.deepEqual(
			bad.map(([mark, ground]) => `${mark} on ${ground}: ${contrast(mark, ground).toFixed(2)}`),
			[],
		);
	});
}

test("no colour is named outside the tokens", async () => {
	const { globSync } = await import("node:fs");
	const root = join(import.meta.dirname, "..");
	const files = globSync("**/*.{ts,tsx,css}", { cwd: root }).filter(
		// A QR code is black on white for cameras, whatever the appearance.
		(file) => !/tokens\.(css|test\.ts)$|qr-code\.tsx$/.test(file),
	);
	assert.ok(files.length > 60);
	const named = files.filter((file) =>
		/#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch)a?\(/i.test(readFileSync(join(root, file), "utf8")),
	);
	assert.deepEqual(named, []);
});

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
	const [r, g, b] = [1, 3, 5]
		.map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
		.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
	return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}
