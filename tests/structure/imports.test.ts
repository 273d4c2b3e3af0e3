/** Who may import whom (architecture section 2), what a server may never load, and where a file may run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FOLDERS, importsOf, reachable, readSource, sourceFiles } from "./_imports.ts";

type Folder = (typeof FOLDERS)[number];

const MAY_IMPORT: Record<Folder, readonly Folder[]> = {
	protocol: [],
	transparency: ["protocol"],
	matching: ["protocol"],
	storage: ["protocol"],
	bridge: ["protocol", "transparency", "storage"],
	messenger: ["protocol", "transparency", "matching", "storage", "bridge"],
	client: ["protocol", "transparency", "matching"],
	web: ["protocol", "client", "transparency"],
	family: ["protocol", "transparency", "matching", "storage"],
	business: ["protocol", "transparency", "storage", "client"],
	operator: FOLDERS,
	world: FOLDERS,
	bench: FOLDERS,
	tests: FOLDERS,
};

const isTest = (file: string) => /\.test\.ts$|(^|\/)_[^/]*$/.test(file);
const shipped = sourceFiles().filter((file) => !isTest(file));

test("the walk sees the project", () => {
	assert.ok(shipped.length > 80, `${shipped.length} files`);
	assert.ok(shipped.flatMap(importsOf).filter(({ target }) => target !== undefined).length > 200);
});

test("folders import only what they may", () => {
	const wrong = shipped.flatMap(importsOf).filter(({ file, target }) => {
		const from = file.split("/")[0] as Folder;
		const to = target?.split("/")[0] as Folder | undefined;
		return to !== undefined && to !== from && !MAY_IMPORT[from].includes(to);
	});
	assert.deepEqual(
		wrong.map(({ file, specifier }) => `${file} imports ${specifier}`),
		[],
	);
});

test("other folders are entered by relative path never", () => {
	const wrong = shipped
		.flatMap(importsOf)
		.filter(({ file, specifier, target }) => specifier.startsWith(".") && target?.split("/")[0] !== file.split("/")[0])
		.filter(({ file }) => !/^(tests|bench|world)\//.test(file));
	assert.deepEqual(
		wrong.map(({ file, specifier }) => `${file} imports ${specifier}`),
		[],
	);
});

test("the messenger loads no code that can open a message", () => {
	const loaded = reachable(["messenger/index.ts"]);
	assert.ok(
		[...loaded.keys()].some((module) => module.includes("ts-mls")),
		"the delivery service parses MLS",
	);
	const opens = /(^|\/)@hpke\/|(^|\/)@noble\/ciphers|ts-mls\/dist\/src\/(index\.js|crypto\/implementation\/)/;
	assert.deepEqual(
		[...loaded].filter(([module]) => opens.test(module)).map(([, way]) => way.join(" → ")),
		[],
	);
	const aead = shipped
		.filter((file) => /^(messenger|storage|protocol)\//.test(file))
		.filter((file) => /createCipheriv|createDecipheriv|subtle\.(en|de)crypt/.test(readSource(file)));
	assert.deepEqual(aead, []);
});

test("no ad code can be reached from the messenger, the client or the web app", () => {
	const loaded = reachable(["messenger/index.ts", "client/index.ts", "web/app/main.tsx"]);
	assert.deepEqual(
		[...loaded.keys()].filter((module) => /(^|\/)(family|ads?|advert\w*|auction|campaign\w*)\//.test(module)),
		[],
	);
});

test("a file that runs anywhere loads nothing that runs only on Node or only in a browser", () => {
	const anywhere = shipped.filter(
		(file) =>
			/^(protocol|client)\//.test(file) &&
			!/\.(node|dom)\.tsx?$/.test(file) &&
			!/^client\/troth\/|^protocol\/(generate|document)\.ts$/.test(file),
	);
	const wrong = anywhere
		.flatMap(importsOf)
		.filter(
			({ specifier, typeOnly }) => !typeOnly && /^node:|\.(node|dom)\.tsx?$|^better-sqlite3$|^idb$/.test(specifier),
		);
	assert.deepEqual(
		wrong.map(({ file, specifier }) => `${file} imports ${specifier}`),
		[],
	);
	const dom = shipped.filter(
		(file) =>
			/\.dom\.tsx?$/.test(file) ||
			(file.startsWith("web/") && !/^web\/(.*\/)?((build|vite(\.\w+)?\.config)\.ts$|[^/]*\.node\.ts$)/.test(file)),
	);
	const node = dom.flatMap(importsOf).filter(({ specifier }) => /^node:|\.node\.ts$/.test(specifier));
	assert.deepEqual(
		node.map(({ file, specifier }) => `${file} imports ${specifier}`),
		[],
	);
});

test("nothing but the clock port asks the machine for the time", () => {
	const wrong = shipped
		.filter((file) => file !== "protocol/clock.ts" && !file.startsWith("bench/"))
		.filter((file) => /\bDate\.now\(|\bnew Date\(\)/.test(readSource(file)));
	assert.deepEqual(wrong, []);
});

test("the environment is read in config files and at the edges only", () => {
	const edges = /config\.ts$|^client\/troth\/|^world\/|^bench\/|^tests\/|^protocol\/generate\.ts$|^web\/build\.ts$/;
	const wrong = shipped.filter((file) => !edges.test(file) && /process\.env\b/.test(readSource(file)));
	assert.deepEqual(wrong, []);
});
