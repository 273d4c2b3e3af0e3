/**
 * How fast the engine is on Node: `node client/mls/_figures.ts`. Two people, messages of 200 bytes. Other programs on
 * the machine slow the clock down, so the processor's time is shown as well.
 */
import { DeviceLists, engine, groupOf, NO_DATA, newConversation, type Person } from "./_people.ts";
import type { MlsGroup } from "./engine.ts";

const PLAINTEXT = new Uint8Array(200).fill(0x61);
const AUTHENTICATED = new Uint8Array(40);
const MESSAGES = 4_000;
const ROUNDS = 4;

interface Figure {
	readonly perSecond: number;
	readonly perProcessorSecond: number;
}

async function measure(operations: number, run: () => Promise<void>): Promise<Figure> {
	const wall = process.hrtime.bigint();
	const before = process.cpuUsage();
	await run();
	const { user, system } = process.cpuUsage(before);
	return {
		perSecond: Math.round(operations / (Number(process.hrtime.bigint() - wall) / 1e9)),
		perProcessorSecond: Math.round(operations / ((user + system) / 1e6)),
	};
}

function show(name: string, figure: Figure): void {
	console.log(
		`${name.padEnd(34)} ${String(figure.perSecond).padStart(7)}/s ${String(figure.perProcessorSecond).padStart(9)}/s of processor`,
	);
}

const lists = new DeviceLists();
const alice = await lists.person("alice");
const bob = await lists.person("bob");
let [atAlice, atBob] = (await groupOf(lists, alice, bob)) as [MlsGroup, MlsGroup];
for (let round = 1; round <= ROUNDS; round++) {
	const sent: Uint8Array[] = [];
	const encrypt = await measure(MESSAGES, async () => {
		for (let message = 0; message < MESSAGES; message++) {
			const result = await engine.encrypt(atAlice, PLAINTEXT, AUTHENTICATED);
			atAlice = result.next;
			sent.push(result.message);
		}
	});
	const decrypt = await measure(MESSAGES, async () => {
		for (const message of sent) atBob = (await engine.process(atBob, message, lists.authority)).next;
	});
	show(`encrypt, 200 bytes, round ${round}`, encrypt);
	show(`decrypt, 200 bytes, round ${round}`, decrypt);
}
show(
	"encode a 1:1 state",
	await measure(2_000, async () => {
		for (let time = 0; time < 2_000; time++) engine.encodeGroup(atAlice);
	}),
);
show(
	"key packages",
	await measure(500, async () => {
		for (let time = 0; time < 500; time++) await alice.newKeyPackage();
	}),
);

for (const size of [8, 32]) {
	const others: Person[] = [];
	while (others.length < size - 1) others.push(await lists.person("member"));
	const packages = await Promise.all(others.map((person) => person.newKeyPackage()));
	const group = await engine.createGroup(newConversation(), await alice.newKeyPackage(), alice.keys);
	const change = { add: packages.map(({ message }) => message), remove: [], authenticatedData: NO_DATA };
	let first = await engine.commit(group, change, lists.authority);
	show(
		`${size} members: add all`,
		await measure(3, async () => {
			for (let time = 0; time < 3; time++) first = await engine.commit(group, change, lists.authority);
		}),
	);
	const own = packages[0];
	if (first.welcome === undefined || own === undefined) throw new Error("nobody was added");
	const { welcome, ratchetTree } = first;
	let member = await engine.join(welcome, own.secret, ratchetTree, lists.authority);
	show(
		`${size} members: join`,
		await measure(3, async () => {
			for (let time = 0; time < 3; time++)
				member = await engine.join(welcome, own.secret, ratchetTree, lists.authority);
		}),
	);
	const update = await engine.commit(first.next, { add: [], remove: [], authenticatedData: NO_DATA }, lists.authority);
	show(
		`${size} members: apply an update`,
		await measure(10, async () => {
			for (let time = 0; time < 10; time++) await engine.process(member, update.commit, lists.authority);
		}),
	);
	const { tree, state } = engine.encodeGroup(update.next);
	console.log(
		`${size} members: commit ${first.commit.length} B, Welcome ${welcome.length} B, tree ${ratchetTree.length} B, ` +
			`update ${update.commit.length} B, stored ${tree.length} B per epoch and ${state.length} B per message`,
	);
}
