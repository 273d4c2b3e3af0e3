/**
 * Who is here, in the chat's header; and being told of messages while nobody looks.
 *
 * What can not be had here is played, and nothing else: headless Chromium grants no notifications and shows none, and
 * without a network it gets no subscription from its maker. So the permission and the showing are recorded, the
 * subscription is one of a push service in this process, and its wake-up reaches the real service worker by the
 * browser's own tools.
 */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Browser, Page } from "playwright-core";
import { PushService } from "../../messenger/push/_push-service.ts";
import { assertAccessible } from "./_axe.ts";
import { launchBrowser, Profile } from "./_browser.ts";
import { chat, join, message, say, startChat } from "./_person.ts";
import { TestServer } from "./_server.ts";
import { eventually, step } from "./_story.ts";

const ALICE = { phone: "+15550100111", name: "Alice" };
const TAG = "troth-new-messages";
const BOB = { phone: "+15550100112", name: "Bob" };

let service: PushService;
let server: TestServer;
let browser: Browser & AsyncDisposable;
let alicesProfile: Profile;
let alice: Page;
let bob: Page;

before(async () => {
	service = await PushService.open();
	const push = { subject: "mailto:operator@troth.example", services: [service.url] };
	server = await TestServer.start({ push });
	browser = await launchBrowser();
	alicesProfile = await Profile.open(browser);
	await alicesProfile.context.addInitScript(`if (location.protocol === "http:") {
		let permission = localStorage.getItem("permission") ?? "default";
		Object.defineProperty(Notification, "permission", { get: () => permission });
		Notification.requestPermission = async () => {
			localStorage.setItem("permission", (permission = "granted"));
			return permission;
		};
		globalThis.shown = [];
		ServiceWorkerRegistration.prototype.showNotification = async (title, { body = "", tag }) =>
			void shown.push([title, body, tag]);
	}`);
	alice = await alicesProfile.tab(server.url);
	bob = await (await Profile.open(browser)).tab(server.url);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await server?.[Symbol.asyncDispose]();
	await service?.[Symbol.asyncDispose]();
});

const header = (page: Page) =>
	page
		.locator("header")
		.filter({ has: page.getByRole("heading", { level: 1 }) })
		.last();

step("alice sees that bob is here, once they wrote to each other", async () => {
	await join(alice, server, ALICE);
	await join(bob, server, BOB);
	await startChat(alice, BOB.phone);
	await say(alice, "Hello Bob");
	await chat(bob, "Alice").click();
	await say(bob, "Hello Alice");
	await header(alice).getByText("online", { exact: true }).waitFor();
	await header(bob).getByText("online", { exact: true }).waitFor();
});

step("bob lets nobody see it: alice sees his number again, and he sees nothing of hers", async () => {
	await bob.goto(`${server.url}#/settings/privacy`);
	await bob.getByLabel("When you are here").selectOption("nobody");
	await header(alice).getByText("online", { exact: true }).waitFor({ state: "detached" });
	await bob.getByLabel("When you are here").selectOption("everyone");
	await header(alice).getByText("online", { exact: true }).waitFor();
});

step("alice asks for notifications; this browser can not be woken, and she is told so", async () => {
	await alice.goto(`${server.url}#/settings/notifications`);
	await alice.evaluate("navigator.serviceWorker.ready");
	await alice.getByRole("button", { name: "Turn on notifications" }).click();
	await alice.getByText("Notifications are on.").first().waitFor();
	await alice.getByText("This browser could not be reached").waitFor();
});

step("with a push service that answers, she can be woken", async () => {
	await alice.getByRole("button", { name: "Turn off notifications" }).click();
	await alice.getByRole("button", { name: "Turn on notifications" }).waitFor();
	await alice.evaluate(`{
		let kept = null;
		PushManager.prototype.getSubscription = async () => kept;
		PushManager.prototype.subscribe = async ({ applicationServerKey }) => (kept = {
			endpoint: "${service.url}/wake/alices-browser",
			options: { applicationServerKey: applicationServerKey.buffer },
			unsubscribe: async () => { kept = null; return true; },
		});
	}`);
	await alice.getByRole("button", { name: "Turn on notifications" }).click();
	await alice.getByText("Also while Troth is closed").waitFor();
	for (const colorScheme of ["dark", "light"] as const) {
		await alice.emulateMedia({ colorScheme });
		await assertAccessible(alice, `notifications, ${colorScheme}`);
	}
});

step("while her tab is in the background it tells her, and says as much as she allowed", async () => {
	await alice.evaluate(`Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
		document.dispatchEvent(new Event("visibilitychange"));`);
	await bob.goto(`${server.url}#/`);
	await chat(bob, "Alice").click();
	await say(bob, "Do you see this?");
	const shown = () => alice.evaluate("shown");
	await eventually(async () => assert.deepEqual(await shown(), [["New messages", "", TAG]]));
	await alice.getByRole("switch", { name: "Show who wrote, and what" }).click();
	await say(bob, "And this?");
	await eventually(async () => assert.deepEqual(((await shown()) as unknown[])[1], ["Bob", "And this?", TAG]));
});

step("while her tab is closed she is woken through the push service, with nothing in it", async () => {
	// Of the same origin, and not the app: nothing of hers runs.
	await alice.goto(`${server.url}terms`);
	await say(bob, "Are you gone?");
	await eventually(async () => {
		server.clock.advance(10_000);
		assert.equal(service.wakeUps.length, 1);
	});
	assert.deepEqual([service.wakeUps[0]?.path, service.wakeUps[0]?.body.length], ["/wake/alices-browser", 0]);
	const [worker] = alicesProfile.context.serviceWorkers();
	assert.ok(worker !== undefined);
	await worker.evaluate(`{
		self.shown = [];
		registration.showNotification = async (title, { body = "", tag }) => void self.shown.push([title, body, tag]);
	}`);
	const tools = await alicesProfile.context.newCDPSession(alice);
	const registered = new Promise<string>((resolve) => {
		tools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations: [first] }) => {
			if (first !== undefined) resolve(first.registrationId);
		});
	});
	await tools.send("ServiceWorker.enable");
	const { origin } = new URL(server.url);
	await tools.send("ServiceWorker.deliverPushMessage", { origin, registrationId: await registered, data: "" });
	await eventually(async () => assert.deepEqual(await worker.evaluate("self.shown"), [["New messages", "", TAG]]));
	await alice.goto(server.url);
	await chat(alice, "Bob").click();
	await message(alice, "Are you gone?").waitFor();
});

step("no page had an error", () =>
	alicesProfile.assertUntroubled(
		// Profiles of tests are what Chromium calls incognito.
		/does not support the Push API in incognito mode/,
		// What the page loads later was announced to it before its service worker took over.
		/cross-world service worker resource mismatch|preloaded using link preload but not used/,
	),
);
