/** Whoever writes a decoder puts it into the register of the fuzzer, or says here why it needs none. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decoders } from "./_decoders.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const FOLDERS = "{protocol,transparency,bridge,messenger,client,web,family,business}";
/** What decoders are called here. */
const DECODER =
	/^export (?:async )?(?:function\*? |const )((?:decode|parse|unwrap)[A-Z]\w*|open\w*Proof|from(?:Base|Error|File)\w*|read\w*(?:Code|Frame|Header|Ids?|Body|Fields|Token|Record)|readId|readBlobId)\b/gm;

/** Decoders that read nothing from outside, or that are fuzzed where they are. */
const ELSEWHERE: Readonly<Record<string, string>> = {
	"client/mls/state-codec.ts decodeState": "client/mls/fuzz.test.ts, with its engine",
	"client/content/business-header.ts readHeader": "takes a message that is decoded",
	"messenger/registration/attempts.ts readAttemptId": "compares a length",
	"messenger/archives/read-archive-id.ts readArchiveId": "compares a length",
	"messenger/accounts/get-device-lists.ts readAccountIds": "compares lengths of a message that is decoded",
	"client/consent/consent-key.ts parseKey": "reads what this device wrote",
	"web/app/scanning/decode-code.ts decodeCode": "web/app/scanning/scanning.test.ts, with pictures",
};

test("every exported decoder is in the register", () => {
	const covered = new Set([...decoders().values()].flat().flatMap(({ covers }) => covers));
	const files = globSync(`${FOLDERS}/**/*.ts`, { cwd: ROOT, exclude: (path) => /node_modules|\/gen\/|dist/.test(path) })
		.filter((file) => !/\.test\.ts$|(^|\/)_/.test(file))
		.sort();
	const found = files.flatMap((file) =>
		[...readFileSync(join(ROOT, file), "utf8").matchAll(DECODER)].map(([, name]) => `${file} ${name}`),
	);
	assert.ok(found.length > 20, `${found.length} decoders`);
	const missing = found.filter((decoder) => !covered.has(decoder) && ELSEWHERE[decoder] === undefined);
	assert.deepEqual(missing, [], "put them into tests/fuzz/_decoders.ts, with samples");
	const gone = [...covered].filter((decoder) => !found.includes(decoder));
	assert.deepEqual(gone, [], "these are in the register and nowhere else");
});
